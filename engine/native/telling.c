/* What evidence says of the rules that fired, as `walkaway.decide.generated.telling` says it. */
#include "native.h"

static const long long MOST = 1LL << 53;

/* Return a value as evidence writes it; a new reference. */
static PyObject *number(PyObject *value, PyObject *number_of) {
    if (PyLong_CheckExact(value)) {
        int overflow;
        long long whole = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (!overflow && -MOST < whole && whole < MOST) {
            return Py_NewRef(value);
        }
    }
    return PyObject_CallOneArg(number_of, value);
}

/* Enter a fact, unless what stands around says the same of it; *written* is taken over, none where it is unknown. */
static int enter(PyObject *found, PyObject *outer, PyObject *fact, PyObject *written) {
    int result = -1;
    if (written == NULL) {
        return -1;
    }
    if (outer == Py_None) {
        result = written == Py_None ? 0 : PyDict_SetItem(found, fact, written);
    } else {
        PyObject *there = Py_XNewRef(PyDict_GetItemWithError(outer, fact));
        if (there != NULL || !PyErr_Occurred()) {
            there = there == NULL ? Py_NewRef(Py_None) : there;
            int same = there == written ? 1 : PyObject_RichCompareBool(there, written, Py_EQ);
            result = same < 0 ? -1 : same ? 0 : PyDict_SetItem(found, fact, written);
        }
        Py_XDECREF(there);
    }
    Py_DECREF(written);
    return result;
}

/* (facts, places, values, stated, unknown, known, package, outer, number_of) */
PyObject *differing_facts(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    if (count != 9) {
        PyErr_SetString(PyExc_TypeError, "differing_facts takes nine arguments");
        return NULL;
    }
    PyObject *facts = arguments[0], *places = arguments[1], *values = arguments[2], *stated = arguments[3];
    PyObject *unknown = arguments[4], *known = arguments[5], *package = arguments[6], *outer = arguments[7];
    PyObject *number_of = arguments[8], *found = NULL;
    static PyObject *worth;
    if (!PyTuple_CheckExact(facts) || !PyTuple_CheckExact(places) || !PyTuple_CheckExact(values)
        || !PyTuple_CheckExact(stated) || !PyTuple_CheckExact(unknown) || !PyDict_CheckExact(known)
        || PyTuple_GET_SIZE(facts) != PyTuple_GET_SIZE(places) || (outer != Py_None && !PyDict_CheckExact(outer))) {
        Py_RETURN_NONE; /* told by Python */
    }
    if (worth == NULL && (worth = PyUnicode_InternFromString("offer.worth")) == NULL) {
        return NULL;
    }
    if ((found = PyDict_New()) == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(facts); i++) {
        Py_ssize_t place = PyLong_AsSsize_t(PyTuple_GET_ITEM(places, i));
        if (place < 0 || place >= PyTuple_GET_SIZE(values)) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_IndexError, "no such fact");
            }
            goto failed;
        }
        PyObject *value = PyTuple_GET_ITEM(values, place);
        if (enter(found, outer, PyTuple_GET_ITEM(facts, i),
                  value == Py_None ? Py_NewRef(value) : number(value, number_of)) < 0) {
            goto failed;
        }
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(stated); i++) {
        PyObject *fact = PyTuple_GET_ITEM(stated, i), *value = Py_XNewRef(PyDict_GetItemWithError(known, fact));
        if (value == NULL && PyErr_Occurred()) {
            goto failed;
        }
        PyObject *written = value == NULL || value == Py_None ? Py_NewRef(Py_None) : number(value, number_of);
        Py_XDECREF(value);
        if (enter(found, outer, fact, written) < 0) {
            goto failed;
        }
    }
    for (Py_ssize_t i = 0; outer != Py_None && i < PyTuple_GET_SIZE(unknown); i++) {
        if (enter(found, outer, PyTuple_GET_ITEM(unknown, i), Py_NewRef(Py_None)) < 0) {
            goto failed;
        }
    }
    if (package != Py_None && enter(found, outer, worth, number(package, number_of)) < 0) {
        goto failed;
    }
    return found;
failed:
    Py_DECREF(found);
    return NULL;
}
