/* What the parts of the native core share: how records lie in memory, and bytes that grow. */
#ifndef WALKAWAY_NATIVE_H
#define WALKAWAY_NATIVE_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* No other library's names stand for these, nor these for another's. */
#ifdef __GNUC__
#pragma GCC visibility push(hidden)
#endif

/* One field of a record: where its value lies, its JSON key with the colon, and when it is left out. */
typedef struct {
    Py_ssize_t offset;
    char *key;
    Py_ssize_t key_length;
    PyObject *fallback;   /* the value by which it is left out; none where it never is */
    bool is_empty_dict;   /* whether an empty dictionary leaves it out */
} Field;

/* A class of records. `sorted` has its fields in the order of their names. */
typedef struct {
    PyTypeObject *type;
    Py_ssize_t count;
    bool is_array;
    Field *fields;
    Field **sorted;
} Layout;

/* Return how records of a class lie in memory; NULL without an error where that is not understood, or not known yet.
It runs no Python. */
const Layout *layout_of(PyTypeObject *type);

/* Explore the class that `layout_of` was last asked of without knowing it; false where there is none. Runs Python. */
bool explored_another(void);

/* Return the offset of one field of a class; -1 without an error where it has no such field of its own. Runs Python. */
Py_ssize_t offset_of(PyTypeObject *type, const char *name);

static inline PyObject *value_at(PyObject *record, Py_ssize_t offset) {
    return *(PyObject **)((char *)record + offset);
}

/* Bytes that grow; `out` is kept from call to call, unless it grew large. Nothing runs Python while it is in use. */
typedef struct {
    char *data;
    size_t length, room;
} Bytes;

extern Bytes out;
extern PyTypeObject *enum_type;
enum { DEEPEST = 32 };

bool grown(size_t more);

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

/* Return a text's bytes; NULL without an error where it has none. */
const char *utf8_of(PyObject *text, Py_ssize_t *length);

/* Write a value, from the start whenever it holds a class that has yet to be explored; none where it cannot be written. */
PyObject *written(PyObject *value, const void *how, bool (*write)(PyObject *, const void *));

int records_begin(void);

/* The functions of the module; each is described where Python names it, in `walkaway.language.native`. */
PyObject *write_json(PyObject *module, PyObject *value);
PyObject *line_reader(PyObject *module, PyObject *known);
PyObject *differing_facts(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *no_worse(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *placer(PyObject *module, PyObject *arguments);
PyObject *packer(PyObject *module, PyObject *arguments);
PyObject *line_sorter(PyObject *module, PyObject *arguments);

extern PyObject *unset;

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
