/* Runs functions that `walkaway.language.lowered` put down as instructions over registers.

A whole number is kept as 64 bits as long as it fits, and is an integer of Python's from there on: every instruction gives
what Python gives, or raises what Python raises. Jumps lead forward alone, so that every function comes to its end. */
#include "machine.h"

enum { FEW = 320, MOST_ARGUMENTS = 64 };

/* Hold an object in a register; takes the reference over. */
static inline void hold(Value *to, PyObject *object) {
    PyObject *old = to->object;
    to->object = object;
    to->is_number = PyLong_CheckExact(object) && whole_of(object, &to->number);
    Py_XDECREF(old);
}

static inline void hold_number(Value *to, long long number) {
    PyObject *old = to->object;
    to->object = NULL;
    to->number = number;
    to->is_number = true;
    Py_XDECREF(old);
}

static PyObject *first_boxed(Value *of) {
    if (!of->is_number) {
        PyErr_SetString(PyExc_UnboundLocalError, "a variable was read before it was set");
        return NULL;
    }
    return of->object = PyLong_FromLongLong(of->number);
}

/* Return what a register holds, as the register's own reference. */
static inline PyObject *boxed(Value *of) { return of->object != NULL ? of->object : first_boxed(of); }

static int is_true(Value *of) {
    if (of->is_number) {
        return of->number != 0;
    }
    PyObject *object = boxed(of);
    return object == Py_True ? 1 : object == Py_False || object == Py_None ? 0 : object == NULL ? -1 : PyObject_IsTrue(object);
}

static int compared(Value *one, Value *other, int how) {
    if (one->is_number && other->is_number) {
        long long a = one->number, b = other->number;
        switch (how) {
        case LESS: return a < b;
        case AT_MOST: return a <= b;
        case EQUAL: case IS: return a == b;
        case UNEQUAL: case IS_NOT: return a != b;
        case MORE: return a > b;
        case AT_LEAST: return a >= b;
        }
    }
    PyObject *left = boxed(one), *right = left == NULL ? NULL : boxed(other);
    if (right == NULL) {
        return -1;
    }
    if (how <= AT_LEAST) {
        return PyObject_RichCompareBool(left, right, how);
    }
    if (how <= IS_NOT) {
        return (left == right) == (how == IS);
    }
    int found = PyDict_CheckExact(right) ? PyDict_Contains(right, left) : PySequence_Contains(right, left);
    return found < 0 ? -1 : found == (how == IN);
}

static PyObject *(*const computations[])(PyObject *, PyObject *) = {
    PyNumber_Add, PyNumber_Subtract, PyNumber_Multiply, PyNumber_FloorDivide, PyNumber_Remainder, PyNumber_And, PyNumber_Or,
};

/* Compute in 64 bits; false where it does not fit, or is not to be computed so. */
static inline bool computed(int how, long long a, long long b, long long *found) {
    switch (how) {
    case ADD: return !__builtin_add_overflow(a, b, found);
    case SUBTRACT: return !__builtin_sub_overflow(a, b, found);
    case MULTIPLY: return !__builtin_mul_overflow(a, b, found);
    case AND: return *found = a & b, true;
    case OR: return *found = a | b, true;
    }
    if (b == 0 || (b == -1 && a == LLONG_MIN)) {
        return false;
    }
    bool between = a % b != 0 && (a < 0) != (b < 0);
    *found = how == DIVIDE ? a / b - between : a % b + (between ? b : 0);
    return true;
}

static bool compute(Value *to, int how, Value *one, Value *other) {
    long long number;
    if (one->is_number && other->is_number && computed(how, one->number, other->number, &number)) {
        hold_number(to, number);
        return true;
    }
    PyObject *left = boxed(one), *right = left == NULL ? NULL : boxed(other);
    PyObject *found = right == NULL ? NULL : computations[how - ADD](left, right);
    if (found != NULL) {
        hold(to, found);
    }
    return found != NULL;
}

/* Return an attribute, from where it lies in a record. */
static PyObject *attribute(Place *place, PyObject *of, PyObject *name) {
    PyTypeObject *type = Py_TYPE(of);
    if (place->type != type) {
        bool is_plain = PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) && type->tp_getattro == PyObject_GenericGetAttr;
        Py_ssize_t offset = is_plain ? offset_of(type, PyUnicode_AsUTF8(name)) : -1;
        PyTypeObject *old = place->type;
        place->type = (PyTypeObject *)Py_NewRef((PyObject *)type);
        place->offset = offset;
        Py_XDECREF((PyObject *)old);
    }
    PyObject *found = place->offset < 0 ? NULL : value_at(of, place->offset);
    return found != NULL ? Py_NewRef(found) : PyObject_GetAttr(of, name);
}

static PyObject *item(PyObject *of, PyObject *key) {
    if (!PyDict_CheckExact(of)) {
        return PyObject_GetItem(of, key);
    }
    PyObject *found = PyDict_GetItemWithError(of, key);
    if (found == NULL && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return Py_XNewRef(found);
}

/* `of.get(key)` */
static PyObject *entry(PyObject *of, PyObject *key) {
    static PyObject *get;
    if (PyDict_CheckExact(of)) {
        PyObject *found = PyDict_GetItemWithError(of, key);
        return found != NULL ? Py_NewRef(found) : PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    if (get == NULL && (get = PyUnicode_InternFromString("get")) == NULL) {
        return NULL;
    }
    return PyObject_CallMethodOneArg(of, get, key);
}

/* Return what the registers of a list hold, in *to*, none of it a new reference; false with an error. */
static bool listed(const int *list, Value *values, PyObject **to) {
    for (int i = 0; i < list[0]; i++) {
        if ((to[i] = boxed(&values[list[2 + i]])) == NULL) {
            return false;
        }
    }
    return true;
}

static PyObject *called(PyObject *function, const int *list, Value *values) {
    PyObject *arguments[MOST_ARGUMENTS + 1];
    PyObject *names = list[1] < 0 ? NULL : values[list[1]].object;
    size_t count = list[0] - (names == NULL ? 0 : PyTuple_GET_SIZE(names));
    if (function == NULL || !listed(list, values, arguments + 1)) {
        return NULL;
    }
    return PyObject_Vectorcall(function, arguments + 1, count | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
}

static PyObject *method(PyObject *of, PyObject *name, const int *list, Value *values) {
    PyObject *arguments[MOST_ARGUMENTS + 2];
    arguments[1] = of;
    if (!listed(list, values, arguments + 2)) {
        return NULL;
    }
    return PyObject_VectorcallMethod(name, arguments + 1, (list[0] + 1) | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

static PyObject *gathered(int how, const int *list, Value *values) {
    PyObject *found = how == TUPLE ? PyTuple_New(list[0]) : how == LIST ? PyList_New(list[0]) : PyDict_New();
    for (int i = 0; found != NULL && i < list[0]; i++) {
        PyObject *each = boxed(&values[list[2 + i]]), *held;
        if (each == NULL) {
            Py_CLEAR(found);
        } else if (how == TUPLE) {
            PyTuple_SET_ITEM(found, i, Py_NewRef(each));
        } else if (how == LIST) {
            PyList_SET_ITEM(found, i, Py_NewRef(each));
        } else if ((held = boxed(&values[list[2 + ++i]])) == NULL || PyDict_SetItem(found, each, held) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}

static int appended(PyObject *list, PyObject *value) {
    if (PyList_CheckExact(list)) {
        return PyList_Append(list, value);
    }
    PyErr_SetString(PyExc_TypeError, "only lists are appended to");
    return -1;
}

/* With compilers that can, each instruction jumps to the next one's own place, which processors foresee better. */
#ifdef __GNUC__
#define BEGIN static const void *const at[OPS] = {OF_EACH(PLACE)}; goto *at[is->op];
#define PLACE(op) [op] = &&run_##op
#define OP(op) run_##op
#define NEXT do { is++; goto *at[is->op]; } while (0)
#define END
#else
#define BEGIN for (;;) { switch (is->op) {
#define OP(op) case op
#define NEXT do { is++; goto next; } while (0)
#define END } next:; }
#endif
#define OF_EACH(of) of(MOVE), of(ADD), of(SUBTRACT), of(MULTIPLY), of(DIVIDE), of(REMAINDER), of(AND), of(OR), of(NOT), \
    of(COMPARE), of(UNLESS), of(WHEN), of(IF_FALSE), of(IF_TRUE), of(JUMP), of(ATTRIBUTE), of(CLASS), of(ITEM), of(GET), \
    of(SET_ITEM), of(APPEND), of(CALL), of(METHOD), of(TUPLE), of(LIST), of(DICT), of(RETURN)
#define A (&values[is->a])
#define B (&values[is->b])
#define C (&values[is->c])
#define LISTED (program->lists + is->more)
#define KEEP(object) do { if ((found = (object)) == NULL) return NULL; hold(A, found); NEXT; } while (0)
#define COMPUTE(op) OP(op): if (!compute(A, op, B, C)) return NULL; NEXT

/* Run from the first instruction; a new reference. */
static PyObject *run(const Program *program, Value *values) {
    const Instruction *is = program->instructions;
    PyObject *found, *of, *key;
    int truth;
    BEGIN
    OP(MOVE):
        if ((of = boxed(B)) == NULL) {
            return NULL;
        }
        hold(A, Py_NewRef(of));
        NEXT;
    COMPUTE(ADD);
    COMPUTE(SUBTRACT);
    COMPUTE(MULTIPLY);
    COMPUTE(DIVIDE);
    COMPUTE(REMAINDER);
    COMPUTE(AND);
    COMPUTE(OR);
    OP(NOT):
        if ((truth = is_true(B)) < 0) {
            return NULL;
        }
        KEEP(Py_NewRef(truth ? Py_False : Py_True));
    OP(COMPARE):
        if ((truth = compared(B, C, is->how)) < 0) {
            return NULL;
        }
        KEEP(Py_NewRef(truth ? Py_True : Py_False));
    OP(UNLESS):
        if ((truth = compared(B, C, is->how)) < 0) {
            return NULL;
        }
        is += truth ? 0 : is->more;
        NEXT;
    OP(WHEN):
        if ((truth = compared(B, C, is->how)) < 0) {
            return NULL;
        }
        is += truth ? is->more : 0;
        NEXT;
    OP(IF_FALSE):
        if ((truth = is_true(B)) < 0) {
            return NULL;
        }
        is += truth ? 0 : is->more;
        NEXT;
    OP(IF_TRUE):
        if ((truth = is_true(B)) < 0) {
            return NULL;
        }
        is += truth ? is->more : 0;
        NEXT;
    OP(JUMP):
        is += is->more;
        NEXT;
    OP(ATTRIBUTE):
        KEEP((of = boxed(B)) == NULL ? NULL : attribute(&program->places[is->more], of, C->object));
    OP(CLASS):
        KEEP((of = boxed(B)) == NULL ? NULL : Py_NewRef((PyObject *)Py_TYPE(of)));
    OP(ITEM):
        key = (of = boxed(B)) == NULL ? NULL : boxed(C);
        KEEP(key == NULL ? NULL : item(of, key));
    OP(GET):
        key = (of = boxed(B)) == NULL ? NULL : boxed(C);
        KEEP(key == NULL ? NULL : entry(of, key));
    OP(SET_ITEM):
        found = (key = boxed(B)) == NULL ? NULL : boxed(C);
        if (found == NULL || (of = boxed(A)) == NULL || PyObject_SetItem(of, key, found) < 0) {
            return NULL;
        }
        NEXT;
    OP(APPEND):
        found = (of = boxed(B)) == NULL ? NULL : boxed(C);
        if (found == NULL || appended(of, found) < 0) {
            return NULL;
        }
        NEXT;
    OP(CALL):
        KEEP(called(boxed(B), LISTED, values));
    OP(METHOD):
        KEEP((of = boxed(B)) == NULL ? NULL : method(of, C->object, LISTED, values));
    OP(TUPLE):
        KEEP(gathered(TUPLE, LISTED, values));
    OP(LIST):
        KEEP(gathered(LIST, LISTED, values));
    OP(DICT):
        KEEP(gathered(DICT, LISTED, values));
    OP(RETURN):
        return Py_XNewRef(boxed(B));
    END
}

static PyObject *lowered(PyObject *capsule, PyObject *const *arguments, Py_ssize_t count) {
    const Program *program = PyCapsule_GetPointer(capsule, NULL);
    Value few[FEW], *values = few;
    if (program == NULL || count != program->arguments) {
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "%d arguments are wanted", program->arguments);
    }
    if (program->registers > FEW && (values = PyMem_Malloc(program->registers * sizeof(Value))) == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(values, program->constants, program->fixed * sizeof(Value));
    memset(values + program->fixed, 0, (program->registers - program->fixed) * sizeof(Value));
    for (int i = 0; i < count; i++) {
        hold(&values[program->fixed + i], Py_NewRef(arguments[i]));
    }
    PyObject *found = run(program, values);
    for (int i = program->fixed; i < program->registers; i++) {
        Py_XDECREF(values[i].object);
    }
    if (values != few) {
        PyMem_Free(values);
    }
    return found;
}

PyMethodDef machine_function = {"lowered", (PyCFunction)(void (*)(void))lowered, METH_FASTCALL, NULL};
