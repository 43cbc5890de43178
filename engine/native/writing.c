/* Over 400 lines: the same values are walked in both forms, side by side.

Canonical JSON and MessagePack of records, dictionaries, lists, texts and whole numbers: the bytes that msgspec writes.

Whatever is anything else makes the whole value msgspec's to write: a function returns none, and has changed nothing. */
#include "native.h"

enum { DEEPEST = 32, FEW = 32, KEPT = 1 << 20 };

typedef struct {
    char *data;
    size_t length, room;
} Bytes;

static Bytes out; /* kept from call to call, unless it grew large; nothing runs Python while it is in use */

static bool grown(size_t more) {
    size_t room = out.room ? out.room : 4096;
    while (room - out.length < more) {
        room *= 2;
    }
    char *data = realloc(out.data, room);
    if (data == NULL) {
        return false;
    }
    out.data = data;
    out.room = room;
    return true;
}

static inline bool reserved(size_t more) { return out.room - out.length >= more || grown(more); }

static inline bool put(const char *data, size_t length) {
    if (!reserved(length)) {
        return false;
    }
    memcpy(out.data + out.length, data, length);
    out.length += length;
    return true;
}

static inline bool put_char(char c) { return put(&c, 1); }

/* Whether an object is a text: one of its own, or a member of an enumeration of texts. */
static inline bool is_text(PyObject *value) {
    return PyUnicode_CheckExact(value) || (PyUnicode_Check(value) && Py_IS_TYPE((PyObject *)Py_TYPE(value), enum_type));
}

static const char *utf8_of(PyObject *text, Py_ssize_t *length) {
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        *length = PyUnicode_GET_LENGTH(text);
        return (const char *)PyUnicode_1BYTE_DATA(text);
    }
    const char *data = PyUnicode_AsUTF8AndSize(text, length);
    if (data == NULL) {
        PyErr_Clear(); /* half of a pair of surrogates: msgspec says so */
    }
    return data;
}

static bool json_text(PyObject *text) {
    Py_ssize_t length;
    const char *data = utf8_of(text, &length);
    if (data == NULL || !reserved(2 * (size_t)length + 2)) {
        return false;
    }
    char *to = out.data + out.length;
    *to++ = '"';
    for (const char *from = data, *end = data + length; from < end; from++) {
        unsigned char c = (unsigned char)*from;
        if (c < 0x20) {
            return false;
        }
        if (c == '"' || c == '\\') {
            *to++ = '\\';
        }
        *to++ = (char)c;
    }
    *to++ = '"';
    out.length = to - out.data;
    return true;
}

static bool json_whole(PyObject *value) {
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow) {
        return false;
    }
    char digits[24], *from = digits + sizeof digits;
    unsigned long long left = number < 0 ? 0ULL - (unsigned long long)number : (unsigned long long)number;
    do {
        *--from = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (number < 0) {
        *--from = '-';
    }
    return put(from, digits + sizeof digits - from);
}

static bool json(PyObject *value, int depth);

typedef struct {
    const char *key;
    Py_ssize_t length;
    PyObject *name, *value;
} Entry;

static int by_key(const void *one, const void *other) {
    const Entry *a = one, *b = other;
    int order = memcmp(a->key, b->key, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static bool json_dict(PyObject *dict, int depth) {
    Entry few[FEW], *entries = few;
    Py_ssize_t count = PyDict_GET_SIZE(dict), place = 0, found = 0;
    PyObject *name, *value;
    bool written = false;
    if (count > FEW && (entries = PyMem_Malloc(count * sizeof(Entry))) == NULL) {
        return false;
    }
    while (PyDict_Next(dict, &place, &name, &value)) {
        Entry entry = {NULL, 0, name, value};
        if (!PyUnicode_CheckExact(name) || !PyUnicode_IS_COMPACT_ASCII(name)) {
            goto end;
        }
        entry.key = utf8_of(name, &entry.length);
        Py_ssize_t at = found++;
        for (; count <= FEW && at > 0 && by_key(&entries[at - 1], &entry) > 0; at--) {
            entries[at] = entries[at - 1];
        }
        entries[at] = entry;
    }
    if (count > FEW) {
        qsort(entries, found, sizeof(Entry), by_key);
    }
    if (!put_char('{')) {
        goto end;
    }
    for (Py_ssize_t i = 0; i < found; i++) {
        if ((i && !put_char(',')) || !json_text(entries[i].name) || !put_char(':') || !json(entries[i].value, depth)) {
            goto end;
        }
    }
    written = put_char('}');
end:
    if (entries != few) {
        PyMem_Free(entries);
    }
    return written;
}

static bool json_items(PyObject *const *items, Py_ssize_t count, int depth) {
    if (!put_char('[')) {
        return false;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if ((i && !put_char(',')) || !json(items[i], depth)) {
            return false;
        }
    }
    return put_char(']');
}

static bool json_record(PyObject *record, int depth) {
    const Layout *layout = layout_of(Py_TYPE(record));
    bool first = true;
    if (layout == NULL || layout->is_array || !put_char('{')) {
        return false;
    }
    for (Py_ssize_t i = 0; i < layout->count; i++) {
        const Field *field = layout->sorted[i];
        PyObject *value = value_at(record, field->offset);
        if (value == NULL) {
            return false;
        }
        if (value == unset || value == field->fallback
            || (field->is_empty_dict && PyDict_CheckExact(value) && PyDict_GET_SIZE(value) == 0)) {
            continue;
        }
        if ((!first && !put_char(',')) || !put(field->key, field->key_length) || !json(value, depth)) {
            return false;
        }
        first = false;
    }
    return put_char('}');
}

static bool json(PyObject *value, int depth) {
    if (--depth < 0) {
        return false;
    }
    if (is_text(value)) {
        return json_text(value);
    }
    if (PyLong_CheckExact(value)) {
        return json_whole(value);
    }
    if (value == Py_None) {
        return put("null", 4);
    }
    if (value == Py_True) {
        return put("true", 4);
    }
    if (value == Py_False) {
        return put("false", 5);
    }
    if (PyDict_Check(value)) {
        return json_dict(value, depth);
    }
    if (PyTuple_CheckExact(value)) {
        return json_items(((PyTupleObject *)value)->ob_item, PyTuple_GET_SIZE(value), depth);
    }
    if (PyList_CheckExact(value)) {
        return json_items(((PyListObject *)value)->ob_item, PyList_GET_SIZE(value), depth);
    }
    return json_record(value, depth);
}

static bool pack_head(size_t count, int small, int few, int byte, int two, int four) {
    unsigned char head[5];
    if (count < (size_t)few) {
        return put_char((char)(small | (int)count));
    }
    if (byte && count < 0x100) {
        head[0] = (unsigned char)byte, head[1] = (unsigned char)count;
        return put((char *)head, 2);
    }
    if (count < 0x10000) {
        head[0] = (unsigned char)two, head[1] = (unsigned char)(count >> 8), head[2] = (unsigned char)count;
        return put((char *)head, 3);
    }
    if (count > 0xffffffff) {
        return false;
    }
    head[0] = (unsigned char)four;
    for (int i = 0; i < 4; i++) {
        head[1 + i] = (unsigned char)(count >> (24 - 8 * i));
    }
    return put((char *)head, 5);
}

static bool pack_whole(PyObject *value) {
    int overflow, bytes;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    unsigned char head[9];
    if (overflow) {
        return false;
    }
    if (number >= -32 && number < 128) {
        return put_char((char)number);
    }
    if (number > 0) {
        bytes = number < 0x100 ? 0 : number < 0x10000 ? 1 : number < 0x100000000LL ? 2 : 3;
        head[0] = (unsigned char)(0xcc + bytes);
    } else {
        bytes = number >= -0x80 ? 0 : number >= -0x8000 ? 1 : number >= -0x80000000LL ? 2 : 3;
        head[0] = (unsigned char)(0xd0 + bytes);
    }
    for (int i = 0, size = 1 << bytes; i < size; i++) {
        head[1 + i] = (unsigned char)((unsigned long long)number >> (8 * (size - 1 - i)));
    }
    return put((char *)head, 1 + (1 << bytes));
}

static bool pack_text(PyObject *text) {
    Py_ssize_t length;
    const char *data = utf8_of(text, &length);
    return data != NULL && pack_head(length, 0xa0, 32, 0xd9, 0xda, 0xdb) && put(data, length);
}

static bool pack(PyObject *value, int depth);

static bool pack_items(PyObject *const *items, Py_ssize_t count, int depth) {
    if (!pack_head(count, 0x90, 16, 0, 0xdc, 0xdd)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!pack(items[i], depth)) {
            return false;
        }
    }
    return true;
}

static bool pack(PyObject *value, int depth) {
    if (--depth < 0) {
        return false;
    }
    if (is_text(value)) {
        return pack_text(value);
    }
    if (PyLong_CheckExact(value)) {
        return pack_whole(value);
    }
    if (value == Py_None) {
        return put_char((char)0xc0);
    }
    if (value == Py_True) {
        return put_char((char)0xc3);
    }
    if (value == Py_False) {
        return put_char((char)0xc2);
    }
    if (PyDict_Check(value)) {
        Py_ssize_t place = 0;
        PyObject *name, *held;
        if (!pack_head(PyDict_GET_SIZE(value), 0x80, 16, 0, 0xde, 0xdf)) {
            return false;
        }
        while (PyDict_Next(value, &place, &name, &held)) {
            if (!PyUnicode_CheckExact(name) || !pack_text(name) || !pack(held, depth)) {
                return false;
            }
        }
        return true;
    }
    if (PyTuple_CheckExact(value)) {
        return pack_items(((PyTupleObject *)value)->ob_item, PyTuple_GET_SIZE(value), depth);
    }
    const Layout *layout = layout_of(Py_TYPE(value));
    if (layout == NULL || !layout->is_array || !pack_head(layout->count, 0x90, 16, 0, 0xdc, 0xdd)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < layout->count; i++) {
        PyObject *held = value_at(value, layout->fields[i].offset);
        if (held == NULL || !pack(held, depth)) {
            return false;
        }
    }
    return true;
}

/* Return what was written, as bytes of Python's. */
static PyObject *taken(void) {
    PyObject *made = PyBytes_FromStringAndSize(out.data, out.length);
    if (out.room > KEPT) {
        free(out.data);
        out = (Bytes){0};
    }
    return made;
}

/* Write a value, from the start whenever it holds a class that has yet to be explored; none where it cannot be written. */
static PyObject *written(PyObject *value, const void *how, bool (*write)(PyObject *, const void *)) {
    do {
        out.length = 0;
        if (write(value, how)) {
            return taken();
        }
    } while (explored_another());
    Py_RETURN_NONE;
}

static bool whole_json(PyObject *value, const void *how) { return json(value, DEEPEST); }
static bool whole_pack(PyObject *value, const void *how) { return pack(value, DEEPEST); }

PyObject *write_json(PyObject *module, PyObject *value) { return written(value, NULL, whole_json); }

/* Which fields of records of a class are packed, as one list of them. */
typedef struct {
    PyTypeObject *type;
    Py_ssize_t count, offsets[];
} Chosen;

static bool chosen_pack(PyObject *record, const void *how) {
    const Chosen *chosen = how;
    bool is_packed = Py_IS_TYPE(record, chosen->type) && pack_head(chosen->count, 0x90, 16, 0, 0xdc, 0xdd);
    for (Py_ssize_t i = 0; is_packed && i < chosen->count; i++) {
        PyObject *value = value_at(record, chosen->offsets[i]);
        is_packed = value != NULL && pack(value, DEEPEST);
    }
    return is_packed;
}

static PyObject *pack_chosen(PyObject *capsule, PyObject *record) {
    const Chosen *chosen = PyCapsule_GetPointer(capsule, NULL);
    return chosen == NULL ? NULL : written(record, chosen, chosen_pack);
}

static PyMethodDef packing = {"pack_chosen", pack_chosen, METH_O, NULL};

static void forget(PyObject *capsule) {
    Chosen *chosen = PyCapsule_GetPointer(capsule, NULL);
    Py_DECREF((PyObject *)chosen->type);
    PyMem_Free(chosen);
}

/* (class, names) */
PyObject *packer(PyObject *module, PyObject *arguments) {
    PyObject *type, *names, *capsule, *made;
    if (!PyArg_ParseTuple(arguments, "O!O!", &PyType_Type, &type, &PyTuple_Type, &names)) {
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    Chosen *chosen = PyMem_Calloc(1, sizeof(Chosen) + count * sizeof(Py_ssize_t));
    if (chosen == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        const char *name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i));
        if (name == NULL || (chosen->offsets[i] = offset_of((PyTypeObject *)type, name)) < 0) {
            PyMem_Free(chosen);
            if (name == NULL) {
                return NULL;
            }
            Py_RETURN_NONE; /* such records are msgspec's to pack */
        }
    }
    chosen->type = (PyTypeObject *)Py_NewRef(type);
    chosen->count = count;
    if ((capsule = PyCapsule_New(chosen, NULL, forget)) == NULL) {
        Py_DECREF(type);
        PyMem_Free(chosen);
        return NULL;
    }
    made = PyCFunction_New(&packing, capsule);
    Py_DECREF(capsule);
    return made;
}

PyObject *write_msgpack(PyObject *module, PyObject *value) { return written(value, NULL, whole_pack); }
