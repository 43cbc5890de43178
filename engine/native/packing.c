/* MessagePack of what a position is made of, as `writing.c` has JSON: the bytes that msgspec writes, or none. */
#include "native.h"

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

/* Which fields of records of a class are packed, as one list of them; behind these, which have to hold nothing. */
typedef struct {
    PyTypeObject *type;
    Py_ssize_t count, empty, offsets[];
} Chosen;

static bool is_empty(PyObject *value) {
    return value == Py_None || value == Py_False || (PyDict_Check(value) && PyDict_GET_SIZE(value) == 0)
        || (PyTuple_CheckExact(value) && PyTuple_GET_SIZE(value) == 0)
        || (PyUnicode_CheckExact(value) && PyUnicode_GET_LENGTH(value) == 0)
        || (PyLong_CheckExact(value) && !PyObject_IsTrue(value));
}

static bool chosen_pack(PyObject *record, const void *how) {
    const Chosen *chosen = how;
    bool is_packed = Py_IS_TYPE(record, chosen->type);
    for (Py_ssize_t i = chosen->count; is_packed && i < chosen->count + chosen->empty; i++) {
        PyObject *value = value_at(record, chosen->offsets[i]);
        is_packed = value != NULL && is_empty(value);
    }
    is_packed = is_packed && pack_head(chosen->count, 0x90, 16, 0, 0xdc, 0xdd);
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

/* (class, names, names of what has to be empty) */
PyObject *packer(PyObject *module, PyObject *arguments) {
    PyObject *type, *names, *empty, *capsule, *made;
    if (!PyArg_ParseTuple(arguments, "O!O!O!", &PyType_Type, &type, &PyTuple_Type, &names, &PyTuple_Type, &empty)) {
        return NULL;
    }
    Py_ssize_t packed = PyTuple_GET_SIZE(names), count = packed + PyTuple_GET_SIZE(empty);
    Chosen *chosen = PyMem_Calloc(1, sizeof(Chosen) + count * sizeof(Py_ssize_t));
    if (chosen == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        const char *name = PyUnicode_AsUTF8(i < packed ? PyTuple_GET_ITEM(names, i) : PyTuple_GET_ITEM(empty, i - packed));
        if (name == NULL || (chosen->offsets[i] = offset_of((PyTypeObject *)type, name)) < 0) {
            PyMem_Free(chosen);
            if (name == NULL) {
                return NULL;
            }
            Py_RETURN_NONE; /* such records are msgspec's to pack */
        }
    }
    chosen->type = (PyTypeObject *)Py_NewRef(type);
    chosen->count = packed;
    chosen->empty = count - packed;
    if ((capsule = PyCapsule_New(chosen, NULL, forget)) == NULL) {
        Py_DECREF(type);
        PyMem_Free(chosen);
        return NULL;
    }
    made = PyCFunction_New(&packing, capsule);
    Py_DECREF(capsule);
    return made;
}
