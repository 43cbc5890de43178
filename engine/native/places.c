/* Where facts lie among the constants that rules compare them with, as `walkaway.decide.core.rete` reads properties. */
#include "native.h"

enum { MOST_FACTORS = 8, MOST_FACTS = 128 };

typedef struct {
    long long factor;
    int count, facts[MOST_FACTORS];
} Monomial;

typedef enum { TERM, SYMBOL, KNOWN } Sort;

/* One property: of a term its place among `cuts`, of a symbol its number in `codes`, of a fact whether it is known. */
typedef struct {
    Sort sort;
    int fact;
    PyObject *codes;
    bool is_whole;
    int parts, cut_count, guarded;
    Monomial *sum;
    long long *cuts;
    int *guards;
} Property;

typedef struct {
    int count, facts;
    PyObject *rank;
    Property *properties;
} Table;

/* Compute a term over whole numbers; false where one is none, or it gets too large. */
static bool total_of(const Property *of, const long long *numbers, const bool *is_number, long long *found) {
    long long total = 0;
    for (int i = 0; i < of->parts; i++) {
        const Monomial *part = &of->sum[i];
        long long product = part->factor;
        for (int j = 0; j < part->count; j++) {
            if (!is_number[part->facts[j]] || __builtin_mul_overflow(product, numbers[part->facts[j]], &product)) {
                return false;
            }
        }
        if (__builtin_add_overflow(total, product, &total)) {
            return false;
        }
    }
    return of->is_whole ? (*found = total, true) : !__builtin_add_overflow(total, total, found);
}

/* The same over whatever numbers there are, and as a rank: twice the integer part, one more between two integers. */
static PyObject *exact_total(const Property *of, PyObject *values, PyObject *rank) {
    PyObject *total = PyLong_FromLong(0);
    for (int i = 0; total != NULL && i < of->parts; i++) {
        const Monomial *part = &of->sum[i];
        PyObject *product = PyLong_FromLongLong(part->factor), *next;
        for (int j = 0; product != NULL && j < part->count; j++) {
            next = PyNumber_Multiply(product, PyTuple_GET_ITEM(values, part->facts[j]));
            Py_DECREF(product);
            product = next;
        }
        next = product == NULL ? NULL : PyNumber_Add(total, product);
        Py_XDECREF(product);
        Py_DECREF(total);
        total = next;
    }
    if (total != NULL && !of->is_whole) {
        Py_SETREF(total, PyObject_CallOneArg(rank, total));
    }
    return total;
}

static PyObject *place_of(const Property *of, PyObject *values, const long long *numbers, const bool *is_number,
                          PyObject *rank) {
    long long total;
    int low = 0, high = of->cut_count;
    if (total_of(of, numbers, is_number, &total)) {
        while (low < high) {
            int middle = (low + high) / 2;
            if (of->cuts[middle] <= total) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return PyLong_FromLong(low);
    }
    PyObject *exactly = exact_total(of, values, rank);
    if (exactly == NULL) {
        return NULL;
    }
    for (; low < high; low++) {
        PyObject *cut = PyLong_FromLongLong(of->cuts[low]);
        int reached = cut == NULL ? -1 : PyObject_RichCompareBool(exactly, cut, Py_GE);
        Py_XDECREF(cut);
        if (reached < 0) {
            Py_DECREF(exactly);
            return NULL;
        }
        if (!reached) {
            break;
        }
    }
    Py_DECREF(exactly);
    return PyLong_FromLong(low);
}

static PyObject *places(PyObject *capsule, PyObject *values) {
    const Table *table = PyCapsule_GetPointer(capsule, NULL);
    long long few[MOST_FACTS];
    bool few_known[MOST_FACTS];
    PyObject *found;
    if (table == NULL || !PyTuple_CheckExact(values) || PyTuple_GET_SIZE(values) != table->facts) {
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "as many facts are wanted as rules read");
    }
    for (int i = 0; i < table->facts; i++) {
        PyObject *value = PyTuple_GET_ITEM(values, i);
        int overflow = 1;
        few[i] = PyLong_CheckExact(value) ? PyLong_AsLongLongAndOverflow(value, &overflow) : 0;
        few_known[i] = !overflow;
    }
    if ((found = PyTuple_New(table->count)) == NULL) {
        return NULL;
    }
    for (int i = 0; i < table->count; i++) {
        const Property *of = &table->properties[i];
        PyObject *made = NULL;
        for (int j = 0; j < of->guarded && made == NULL; j++) {
            if (PyTuple_GET_ITEM(values, of->guards[j]) == Py_None) {
                made = Py_NewRef(unset);
            }
        }
        if (made != NULL) {
        } else if (of->sort == TERM) {
            made = place_of(of, values, few, few_known, table->rank);
        } else if (of->sort == KNOWN) {
            made = PyLong_FromLong(PyTuple_GET_ITEM(values, of->fact) != Py_None);
        } else {
            PyObject *code = PyDict_GetItemWithError(of->codes, PyTuple_GET_ITEM(values, of->fact));
            made = code != NULL ? Py_NewRef(code) : PyErr_Occurred() ? NULL : PyLong_FromLong(0);
        }
        if (made == NULL) {
            Py_DECREF(found);
            return NULL;
        }
        PyTuple_SET_ITEM(found, i, made);
    }
    return found;
}

static PyMethodDef placing = {"places", places, METH_O, NULL};

static void forget(PyObject *capsule) {
    Table *table = PyCapsule_GetPointer(capsule, NULL);
    for (int i = 0; i < table->count; i++) {
        Property *of = &table->properties[i];
        PyMem_Free(of->sum);
        PyMem_Free(of->cuts);
        PyMem_Free(of->guards);
        Py_XDECREF(of->codes);
    }
    PyMem_Free(table->properties);
    Py_XDECREF(table->rank);
    PyMem_Free(table);
}

static int *indices(PyObject *from, int facts, int *count) {
    int *found = PyMem_Calloc(PyTuple_GET_SIZE(from) + 1, sizeof(int));
    *count = (int)PyTuple_GET_SIZE(from);
    for (int i = 0; found != NULL && i < *count; i++) {
        found[i] = (int)PyLong_AsLong(PyTuple_GET_ITEM(from, i));
        if (found[i] < 0 || found[i] >= facts) {
            PyErr_SetString(PyExc_IndexError, "no such fact");
            PyMem_Free(found);
            return NULL;
        }
    }
    return found;
}

static bool summed(Property *of, PyObject *parts, PyObject *cuts, int facts) {
    of->parts = (int)PyTuple_GET_SIZE(parts);
    of->cut_count = (int)PyTuple_GET_SIZE(cuts);
    of->sum = PyMem_Calloc(of->parts + 1, sizeof(Monomial));
    of->cuts = PyMem_Calloc(of->cut_count + 1, sizeof(long long));
    if (of->sum == NULL || of->cuts == NULL) {
        return false;
    }
    for (int i = 0; i < of->parts; i++) {
        PyObject *monomial;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(parts, i), "LO!", &of->sum[i].factor, &PyTuple_Type, &monomial)) {
            return false;
        }
        int count, *read = PyTuple_GET_SIZE(monomial) > MOST_FACTORS ? NULL : indices(monomial, facts, &count);
        if (read == NULL) {
            return false;
        }
        of->sum[i].count = count;
        memcpy(of->sum[i].facts, read, count * sizeof(int));
        PyMem_Free(read);
    }
    for (int i = 0; i < of->cut_count; i++) {
        of->cuts[i] = PyLong_AsLongLong(PyTuple_GET_ITEM(cuts, i));
    }
    return !PyErr_Occurred();
}

/* (how many facts, properties, rank), a property: ("term", is whole, parts, cuts, guards), ("symbol", fact, codes, guards)
or ("known", fact) */
PyObject *placer(PyObject *module, PyObject *arguments) {
    PyObject *properties, *rank, *capsule, *made;
    int facts;
    if (!PyArg_ParseTuple(arguments, "iO!O", &facts, &PyTuple_Type, &properties, &rank)) {
        return NULL;
    }
    Table *table = PyMem_Calloc(1, sizeof(Table));
    if (table == NULL || (capsule = PyCapsule_New(table, NULL, forget)) == NULL) {
        PyMem_Free(table);
        return PyErr_NoMemory();
    }
    table->facts = facts;
    table->rank = Py_NewRef(rank);
    table->properties = PyMem_Calloc(PyTuple_GET_SIZE(properties) + 1, sizeof(Property));
    bool is_held = table->properties != NULL;
    for (Py_ssize_t i = 0; is_held && i < PyTuple_GET_SIZE(properties); i++) {
        PyObject *each = PyTuple_GET_ITEM(properties, i), *guards = NULL, *parts, *cuts;
        Property *of = &table->properties[table->count++];
        const char *sort;
        int whole;
        is_held = false;
        if (!PyTuple_CheckExact(each) || (sort = PyUnicode_AsUTF8(PyTuple_GET_ITEM(each, 0))) == NULL) {
            break;
        }
        if (strcmp(sort, "term") == 0) {
            if (!PyArg_ParseTuple(each, "spO!O!O!", &sort, &whole, &PyTuple_Type, &parts, &PyTuple_Type, &cuts,
                                  &PyTuple_Type, &guards)) {
                break;
            }
            of->is_whole = whole;
            if (!summed(of, parts, cuts, facts)) {
                break;
            }
        } else if (strcmp(sort, "symbol") == 0) {
            PyObject *codes;
            if (!PyArg_ParseTuple(each, "siO!O!", &sort, &of->fact, &PyDict_Type, &codes, &PyTuple_Type, &guards)) {
                break;
            }
            of->sort = SYMBOL;
            of->codes = Py_NewRef(codes);
        } else {
            of->sort = KNOWN;
            if (!PyArg_ParseTuple(each, "si", &sort, &of->fact)) {
                break;
            }
        }
        if (of->fact < 0 || of->fact >= facts
            || (guards != NULL && (of->guards = indices(guards, facts, &of->guarded)) == NULL)) {
            break;
        }
        is_held = true;
    }
    if (!is_held || facts > MOST_FACTS) {
        Py_DECREF(capsule);
        PyErr_Clear();
        Py_RETURN_NONE; /* what a table cannot hold is read by Python */
    }
    made = PyCFunction_New(&placing, capsule);
    Py_DECREF(capsule);
    return made;
}
