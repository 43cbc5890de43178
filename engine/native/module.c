/* The native core: what `walkaway.language.native` offers, where a C compiler was there when walkaway was installed. */
#include "native.h"

static PyMethodDef functions[] = {
    {"write_json", write_json, METH_O, NULL},
    {"line_reader", line_reader, METH_O, NULL},
    {"differing_facts", (PyCFunction)(void (*)(void))differing_facts, METH_FASTCALL, NULL},
    {"no_worse", (PyCFunction)(void (*)(void))no_worse, METH_FASTCALL, NULL},
    {"placer", placer, METH_VARARGS, NULL},
    {"packer", packer, METH_VARARGS, NULL},
    {"line_sorter", line_sorter, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef native = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, functions, NULL, NULL, NULL, NULL};

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

/* Where msgspec is otherwise than this was written for, it cannot be imported, and Python does everything. */
PyMODINIT_FUNC PyInit__native(void) {
    PyObject *module = records_begin() < 0 ? NULL : PyModule_Create(&native);
    if (module != NULL && PyModule_AddStringConstant(module, "source", TEXT(WALKAWAY_SOURCE)) < 0) {
        Py_CLEAR(module);
    }
    if (module == NULL) {
        PyErr_Clear();
        PyErr_SetString(PyExc_ImportError, "msgspec is otherwise than the native core knows it");
    }
    return module;
}
