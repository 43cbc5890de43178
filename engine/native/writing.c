/* Canonical JSON of records, dictionaries, lists, texts and whole numbers: the bytes that msgspec writes.

Whatever is anything else makes the whole value msgspec's to write: a function returns none, and has changed nothing. */
#include "native.h"

enum { FEW = 32, KEPT = 1 << 20 };

Bytes out;

bool grown(size_t more) {
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

const char *utf8_of(PyObject *text, Py_ssize_t *length) {
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

/* Return what was written, as bytes of Python's. */
static PyObject *taken(void) {
    PyObject *made = PyBytes_FromStringAndSize(out.data, out.length);
    if (out.room > KEPT) {
        free(out.data);
        out = (Bytes){0};
    }
    return made;
}

PyObject *written(PyObject *value, const void *how, bool (*write)(PyObject *, const void *)) {
    do {
        out.length = 0;
        if (write(value, how)) {
            return taken();
        }
    } while (explored_another());
    Py_RETURN_NONE;
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

static bool whole_json(PyObject *value, const void *how) { return json(value, DEEPEST); }

PyObject *write_json(PyObject *module, PyObject *value) { return written(value, NULL, whole_json); }
