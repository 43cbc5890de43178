/* Packages against each other, as `walkaway.deal.ledger` holds them. */
#include "native.h"

static inline PyObject *entry(PyObject *mapping, PyObject *key) {
    PyObject *found;
    if (!PyDict_CheckExact(mapping)) {
        return PyObject_GetItem(mapping, key);
    }
    found = PyDict_GetItemWithError(mapping, key);
    if (found == NULL && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return Py_XNewRef(found);
}

/* Return whether a change of value costs us something: 1, 0, or -1 with an error. */
static int is_loss(PyObject *worth, PyObject *old, PyObject *new) {
    int result = -1;
    if (PyLong_Check(worth)) {
        PyObject *by = PyNumber_Subtract(new, old);
        if (by != NULL && PyLong_Check(by)) {
            int rate_over, by_over;
            long long rate = PyLong_AsLongLongAndOverflow(worth, &rate_over);
            long long change = PyLong_AsLongLongAndOverflow(by, &by_over);
            int rises = rate_over ? rate_over : (rate > 0) - (rate < 0);
            int grows = by_over ? by_over : (change > 0) - (change < 0);
            result = rises * grows < 0;
        } else if (by != NULL) {
            PyObject *change = PyNumber_Multiply(worth, by), *none = PyLong_FromLong(0);
            if (change != NULL && none != NULL) {
                result = PyObject_RichCompareBool(change, none, Py_LT);
            }
            Py_XDECREF(none);
            Py_XDECREF(change);
        }
        Py_XDECREF(by);
        return result;
    }
    PyObject *is = entry(worth, new), *was = is == NULL ? NULL : entry(worth, old);
    if (was != NULL) {
        result = PyObject_RichCompareBool(is, was, Py_LT);
    }
    Py_XDECREF(is);
    Py_XDECREF(was);
    return result;
}

/* (worths, one, other) */
PyObject *no_worse(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    PyObject *issue, *value;
    Py_ssize_t place = 0;
    int loses = 0;
    if (count != 3 || !PyDict_CheckExact(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "no_worse takes worths and two packages");
        return NULL;
    }
    while (loses == 0 && PyDict_Next(arguments[1], &place, &issue, &value)) {
        Py_INCREF(issue); /* comparing may run Python, which may change the packages */
        Py_INCREF(value);
        PyObject *old = entry(arguments[2], issue), *worth = NULL;
        int same = old == NULL ? -1 : old == value ? 1 : PyObject_RichCompareBool(value, old, Py_EQ);
        loses = same < 0 ? -1 : 0;
        if (same == 0) {
            worth = entry(arguments[0], issue);
            loses = worth == NULL ? -1 : is_loss(worth, old, value);
            Py_XDECREF(worth);
        }
        Py_XDECREF(old);
        Py_DECREF(value);
        Py_DECREF(issue);
    }
    return loses < 0 ? NULL : PyBool_FromLong(loses == 0);
}
