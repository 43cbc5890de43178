/* How records (msgspec's structs) lie in memory: asked of each class once, by its own description of its fields. */
#include "native.h"
#include <structmember.h>

PyObject *unset;
PyTypeObject *enum_type;
static PyTypeObject *struct_meta, *factory_type;
static PyObject *no_default;

enum { MOST = 128 };
static Layout known[MOST]; /* one that was not understood has no fields, and is not tried again */
static int met;
static PyTypeObject *unmet; /* a class that was asked of, and is not known yet */

int records_begin(void) {
    PyObject *msgspec = PyImport_ImportModule("msgspec"), *enums = PyImport_ImportModule("enum");
    PyObject *base = NULL, *core = NULL;
    int result = -1;
    if (msgspec == NULL || enums == NULL || (base = PyObject_GetAttrString(msgspec, "Struct")) == NULL) {
        goto end;
    }
    struct_meta = (PyTypeObject *)Py_NewRef((PyObject *)Py_TYPE(base));
    unset = PyObject_GetAttrString(msgspec, "UNSET");
    no_default = PyObject_GetAttrString(msgspec, "NODEFAULT");
    enum_type = (PyTypeObject *)PyObject_GetAttrString(enums, "EnumMeta");
    core = PyImport_ImportModule("msgspec._core");
    factory_type = core == NULL ? NULL : (PyTypeObject *)PyObject_GetAttrString(core, "Factory");
    if (unset != NULL && no_default != NULL && enum_type != NULL && factory_type != NULL) {
        result = 0;
    }
end:
    Py_XDECREF(core);
    Py_XDECREF(base);
    Py_XDECREF(enums);
    Py_XDECREF(msgspec);
    return result;
}

Py_ssize_t offset_of(PyTypeObject *type, const char *name) {
    PyObject *found = PyObject_GetAttrString((PyObject *)type, name);
    Py_ssize_t offset = -1;
    if (found == NULL) {
        PyErr_Clear();
        return -1;
    }
    if (Py_IS_TYPE(found, &PyMemberDescr_Type)) {
        PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
        if ((member->type == T_OBJECT_EX || member->type == T_OBJECT) && strcmp(member->name, name) == 0
            && PyType_IsSubtype(type, ((PyDescrObject *)found)->d_type) && member->offset >= (Py_ssize_t)sizeof(PyObject)
            && member->offset + (Py_ssize_t)sizeof(PyObject *) <= type->tp_basicsize) {
            offset = member->offset;
        }
    }
    Py_DECREF(found);
    return offset;
}

static bool is_true(PyObject *of, const char *name) {
    PyObject *found = PyObject_GetAttrString(of, name);
    bool result = found == Py_True;
    Py_XDECREF(found);
    PyErr_Clear();
    return result;
}

static bool described(Layout *layout, PyObject *names, PyObject *keys, PyObject *defaults, bool omits) {
    Py_ssize_t count = PyTuple_GET_SIZE(names), without = count - PyTuple_GET_SIZE(defaults);
    for (Py_ssize_t i = 0; i < count; i++) {
        Field *field = &layout->fields[i];
        Py_ssize_t length;
        const char *name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i));
        const char *key = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(keys, i), &length);
        if (name == NULL || key == NULL || (field->offset = offset_of(layout->type, name)) < 0) {
            return false;
        }
        for (const char *c = key; c < key + length; c++) {
            if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_')) {
                return false;
            }
        }
        field->key_length = length + 3;
        if ((field->key = PyMem_Malloc(length + 4)) == NULL) {
            return false;
        }
        field->key[0] = '"';
        memcpy(field->key + 1, key, length);
        memcpy(field->key + 1 + length, "\":", 3); /* with the end that comparing keys looks for */
        if (omits && i >= without) {
            PyObject *given = PyTuple_GET_ITEM(defaults, i - without);
            if (Py_IS_TYPE(given, factory_type)) {
                PyObject *made = PyObject_GetAttrString(given, "factory");
                field->is_empty_dict = made == (PyObject *)&PyDict_Type;
                Py_XDECREF(made);
                if (!field->is_empty_dict) {
                    return false;
                }
            } else if (given != no_default) {
                field->fallback = Py_NewRef(given);
            }
        }
    }
    return true;
}

static bool explored(Layout *layout) {
    PyObject *type = (PyObject *)layout->type;
    PyObject *config = PyObject_GetAttrString(type, "__struct_config__");
    PyObject *names = PyObject_GetAttrString(type, "__struct_fields__");
    PyObject *keys = PyObject_GetAttrString(type, "__struct_encode_fields__");
    PyObject *defaults = PyObject_GetAttrString(type, "__struct_defaults__");
    PyObject *tag = config == NULL ? NULL : PyObject_GetAttrString(config, "tag");
    bool understood = false;
    if (tag == Py_None && names != NULL && keys != NULL && defaults != NULL && PyTuple_CheckExact(names)
        && PyTuple_CheckExact(keys) && PyTuple_CheckExact(defaults)) {
        Py_ssize_t count = layout->count = PyTuple_GET_SIZE(names);
        layout->is_array = is_true(config, "array_like");
        layout->fields = PyMem_Calloc(count + 1, sizeof(Field));
        layout->sorted = PyMem_Calloc(count + 1, sizeof(Field *));
        if (layout->fields != NULL && layout->sorted != NULL) {
            understood = described(layout, names, keys, defaults, is_true(config, "omit_defaults"));
        }
        for (Py_ssize_t i = 0; understood && i < count; i++) {
            Py_ssize_t at = i;
            for (; at > 0 && strcmp(layout->sorted[at - 1]->key, layout->fields[i].key) > 0; at--) {
                layout->sorted[at] = layout->sorted[at - 1];
            }
            layout->sorted[at] = &layout->fields[i];
        }
    }
    Py_XDECREF(tag);
    Py_XDECREF(defaults);
    Py_XDECREF(keys);
    Py_XDECREF(names);
    Py_XDECREF(config);
    PyErr_Clear();
    return understood;
}

const Layout *layout_of(PyTypeObject *type) {
    for (int i = 0; i < met; i++) {
        if (known[i].type == type) {
            return known[i].fields == NULL ? NULL : &known[i];
        }
    }
    if (met < MOST && Py_IS_TYPE((PyObject *)type, struct_meta)) {
        unmet = type;
    }
    return NULL;
}

bool explored_another(void) {
    if (unmet == NULL) {
        return false;
    }
    Layout *layout = &known[met++], found = {0};
    found.type = layout->type = (PyTypeObject *)Py_NewRef((PyObject *)unmet);
    unmet = NULL;
    if (explored(&found)) {
        *layout = found;
    }
    return true;
}
