/* Takes the instructions of `walkaway.language.lowered`, and makes sure that running them can do nothing but what they say:
each register is there, what is written is no constant, jumps lead forward and to an instruction, lists are whole. */
#include "machine.h"

enum { MOST_REGISTERS = 4096, MOST_LISTED = 64, MOST_ATTRIBUTES = 1 << 16 };

/* What an instruction does with its `a`, `b` and `c`: writes or reads a register, reads a name among the constants, or
nothing; and with a list (l), a comparison (h), a jump (j), the place of an attribute (p). */
static const char *const uses[OPS] = {
    [MOVE] = "wr-", [ADD] = "wrr", [SUBTRACT] = "wrr", [MULTIPLY] = "wrr", [DIVIDE] = "wrr", [REMAINDER] = "wrr", [AND] = "wrr",
    [OR] = "wrr", [NOT] = "wr-", [COMPARE] = "wrrh", [UNLESS] = "-rrhj", [WHEN] = "-rrhj", [IF_FALSE] = "-r-j", [IF_TRUE] = "-r-j",
    [JUMP] = "---j", [ATTRIBUTE] = "wrnp", [CLASS] = "wr-", [ITEM] = "wrr", [GET] = "wrr", [SET_ITEM] = "rrr", [APPEND] = "-rr",
    [CALL] = "wr-l", [METHOD] = "wrnl", [TUPLE] = "w--l", [LIST] = "w--l", [DICT] = "w--l", [RETURN] = "-r-",
};

static bool is_name(const Program *program, int at) {
    return at >= 0 && at < program->fixed && program->constants[at].object != NULL
        && PyUnicode_CheckExact(program->constants[at].object) && PyUnicode_AsUTF8(program->constants[at].object) != NULL;
}

static bool is_list(const Program *program, const Instruction *is) {
    if (is->more < 0 || is->more > program->length - 2) {
        return false;
    }
    const int *list = program->lists + is->more;
    if (list[0] < 0 || list[0] > MOST_LISTED || list[0] > program->length - 2 - is->more || (is->op == DICT && list[0] % 2)) {
        return false;
    }
    for (int i = 0; i < list[0]; i++) {
        if (list[2 + i] < 0 || list[2 + i] >= program->registers) {
            return false;
        }
    }
    if (list[1] < 0 || is->op != CALL) {
        return list[1] < 0;
    }
    PyObject *names = list[1] < program->fixed ? program->constants[list[1]].object : NULL;
    if (names == NULL || !PyTuple_CheckExact(names) || PyTuple_GET_SIZE(names) > list[0]) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        if (!PyUnicode_CheckExact(PyTuple_GET_ITEM(names, i))) {
            return false;
        }
    }
    return true;
}

static bool is_sound(const Program *program, int at) {
    const Instruction *is = &program->instructions[at];
    if (is->op >= OPS) {
        return false;
    }
    const int operands[3] = {is->a, is->b, is->c};
    for (int i = 0; i < 3; i++) {
        char use = uses[is->op][i];
        if (operands[i] >= program->registers || (use == 'w' && operands[i] < program->fixed)
            || (use == 'n' && !is_name(program, operands[i]))) {
            return false;
        }
    }
    const char *more = uses[is->op] + 3;
    return (!strchr(more, 'l') || is_list(program, is)) && (!strchr(more, 'h') || is->how < HOWS)
        && (!strchr(more, 'j') || (is->more >= 0 && is->more < program->count - 1 - at))
        && (!strchr(more, 'p') || (is->more >= 0 && is->more < program->attributes));
}

static bool numbers(PyObject *from, int *to, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        long number = PyLong_AsLong(PyTuple_GET_ITEM(from, i));
        if (number < -1 || number > INT_MAX) { /* an error is -1 too, and is asked for at the end */
            return false;
        }
        to[i] = (int)number;
    }
    return true;
}

static bool filled(Program *program, PyObject *instructions, PyObject *lists, PyObject *constants) {
    for (int i = 0; i < program->fixed; i++) {
        Value *value = &program->constants[i];
        value->object = Py_NewRef(PyTuple_GET_ITEM(constants, i));
        value->is_number = PyLong_CheckExact(value->object) && whole_of(value->object, &value->number);
    }
    if (!numbers(lists, program->lists, program->length)) {
        return false;
    }
    for (int i = 0; i < program->count; i++) {
        PyObject *one = PyTuple_GET_ITEM(instructions, i);
        int read[6];
        if (!PyTuple_CheckExact(one) || PyTuple_GET_SIZE(one) != 6 || !numbers(one, read, 6)) {
            return false;
        }
        for (int part = 0; part < 5; part++) {
            if (read[part] < 0 || read[part] > (part < 2 ? UINT8_MAX : UINT16_MAX)) {
                return false;
            }
        }
        program->instructions[i] = (Instruction){read[0], read[1], read[2], read[3], read[4], read[5]};
    }
    for (int i = 0; i < program->count; i++) {
        if (!is_sound(program, i)) {
            return false;
        }
    }
    return !PyErr_Occurred() && program->count > 0 && program->instructions[program->count - 1].op == RETURN;
}

static void let_go(Program *program) {
    for (int i = 0; program->constants != NULL && i < program->fixed; i++) {
        Py_XDECREF(program->constants[i].object);
    }
    for (int i = 0; program->places != NULL && i < program->attributes; i++) {
        Py_XDECREF((PyObject *)program->places[i].type);
    }
    PyMem_Free(program->places);
    PyMem_Free(program->constants);
    PyMem_Free(program->instructions);
    PyMem_Free(program->lists);
    PyMem_Free(program);
}

static void forget(PyObject *capsule) { let_go(PyCapsule_GetPointer(capsule, NULL)); }

/* (instructions, lists, constants, how many arguments, registers and attributes) */
PyObject *machine(PyObject *module, PyObject *arguments) {
    PyObject *instructions, *lists, *constants, *capsule, *made;
    int wanted, registers, attributes;
    if (!PyArg_ParseTuple(arguments, "O!O!O!iii", &PyTuple_Type, &instructions, &PyTuple_Type, &lists, &PyTuple_Type,
                          &constants, &wanted, &registers, &attributes)) {
        return NULL;
    }
    Py_ssize_t fixed = PyTuple_GET_SIZE(constants);
    if (registers > MOST_REGISTERS || wanted < 0 || fixed + wanted > registers || attributes < 0 || attributes > MOST_ATTRIBUTES
        || PyTuple_GET_SIZE(instructions) > INT_MAX / 2
        || PyTuple_GET_SIZE(lists) > INT_MAX / 2) {
        Py_RETURN_NONE; /* left to Python */
    }
    Program *program = PyMem_Calloc(1, sizeof(Program));
    if (program == NULL) {
        return PyErr_NoMemory();
    }
    *program = (Program){(int)PyTuple_GET_SIZE(instructions), (int)fixed, wanted, registers, (int)PyTuple_GET_SIZE(lists), attributes};
    program->instructions = PyMem_Calloc(program->count + 1, sizeof(Instruction));
    program->places = PyMem_Calloc(program->attributes + 1, sizeof(Place));
    program->constants = PyMem_Calloc(program->fixed + 1, sizeof(Value));
    program->lists = PyMem_Calloc(program->length + 2, sizeof(int));
    if (program->instructions == NULL || program->places == NULL || program->constants == NULL || program->lists == NULL) {
        let_go(program);
        return PyErr_NoMemory();
    }
    if (!filled(program, instructions, lists, constants)) {
        let_go(program);
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "instructions that cannot be run");
    }
    if ((capsule = PyCapsule_New(program, NULL, forget)) == NULL) {
        let_go(program);
        return NULL;
    }
    made = PyCFunction_New(&machine_function, capsule);
    Py_DECREF(capsule);
    return made;
}
