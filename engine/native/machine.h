/* What reading a program and running it share. */
#ifndef WALKAWAY_MACHINE_H
#define WALKAWAY_MACHINE_H
#include "native.h"
#include <limits.h>

#ifdef __GNUC__
#pragma GCC visibility push(hidden)
#endif

/* In the order of `lowered.Opcode`. */
enum {
    MOVE, ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, AND, OR, NOT, COMPARE, UNLESS, WHEN, IF_FALSE, IF_TRUE, JUMP, ATTRIBUTE,
    CLASS, ITEM, GET, SET_ITEM, APPEND, CALL, METHOD, TUPLE, LIST, DICT, RETURN, OPS,
};

/* In the order of `lowered.How`, which begins as Python's own comparisons do. */
enum { LESS, AT_MOST, EQUAL, UNEQUAL, MORE, AT_LEAST, IS, IS_NOT, IN, NOT_IN, HOWS };

/* What a register holds: a whole number, an object, or a number and the object that it is; nothing as yet, if neither. */
typedef struct {
    PyObject *object;
    long long number;
    bool is_number;
} Value;

/* One instruction: what it does, and how it compares; registers; how far it jumps, or where its list or its place begins. */
typedef struct {
    uint8_t op, how;
    uint16_t a, b, c;
    int more;
} Instruction;

/* Where an attribute lies in records of the class that was met last; at -1 where Python is to be asked. */
typedef struct {
    PyTypeObject *type;
    Py_ssize_t offset;
} Place;

/* A function. Its registers are `fixed` constants, then arguments, then variables. A list is how many registers, the one
of the names of the last of them as keywords or -1, then the registers. */
typedef struct {
    int count, fixed, arguments, registers, length, attributes;
    Instruction *instructions;
    Place *places;
    Value *constants;
    int *lists;
} Program;

extern PyMethodDef machine_function;

/* Return a whole number that fits; false where it does not. */
static inline bool whole_of(PyObject *object, long long *number) {
#if PY_VERSION_HEX >= 0x030C0000
    if (PyUnstable_Long_IsCompact((PyLongObject *)object)) {
        *number = PyUnstable_Long_CompactValue((PyLongObject *)object);
        return true;
    }
#else
    Py_ssize_t size = Py_SIZE(object);
    if (size >= -1 && size <= 1) {
        *number = size * (long long)((PyLongObject *)object)->ob_digit[0];
        return true;
    }
#endif
    int overflow;
    *number = PyLong_AsLongLongAndOverflow(object, &overflow);
    return !overflow;
}

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
