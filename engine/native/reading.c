/* The plainest lines of the commonest events, as `walkaway.deal.decode.fast_lane` reads them.

Whatever is not exactly of that form is left to it: then a reader returns none. */
#include "native.h"

typedef struct {
    const char *data;
    Py_ssize_t length;
} Text;

typedef struct {
    const char *at, *end;
} Place;

enum { ID, DEAL, AT, TYPE, BY, ACTOR, TERMS, FACTS, ISSUES, KIND, KEYS };
static const char *const key_names[KEYS] = {
    "id", "deal", "at", "type", "by", "actor", "terms", "facts", "issues", "kind",
};
enum { HEAD = 1 << ID | 1 << DEAL | 1 << AT | 1 << TYPE };

/* What a reader knows of a policy: the items of the tuple that `line_reader` was given. */
enum { LONGEST, LONGEST_NAME, ISSUES_KNOWN, FACTS_KNOWN, SIGNALS, OPENS, US, THEM, CLASSES, PARTS };
enum { OFFER, OPEN, ACCEPT, REJECT, SIGNAL, KINDS };
static const char *const kind_names[KINDS] = {"offer", "open", "accept", "reject", "signal"};
static const int kind_keys[KINDS] = {
    HEAD | 1 << BY | 1 << TERMS, HEAD | 1 << FACTS, HEAD | 1 << BY, HEAD | 1 << BY, HEAD | 1 << BY | 1 << KIND,
};
static PyObject *kind_arguments[KINDS], *empty_text;

static inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static inline void skip(Place *place) {
    while (place->at < place->end && is_blank(*place->at)) {
        place->at++;
    }
}

static inline bool take(Place *place, char c) {
    skip(place);
    if (place->at >= place->end || *place->at != c) {
        return false;
    }
    place->at++;
    return true;
}

/* Read a text of printable ASCII without escapes, with no white space behind its quotes. */
static bool text(Place *place, Text *found) {
    if (!take(place, '"')) {
        return false;
    }
    const char *from = found->data = place->at, *end = place->end;
    while (from < end && *from != '"') {
        unsigned char c = (unsigned char)*from++;
        if (c < 0x20 || c > 0x7e || c == '\\') {
            return false;
        }
    }
    if (from >= end || (from + 1 < end && is_blank(from[1]))) {
        return false;
    }
    found->length = from - found->data;
    place->at = from + 1;
    return true;
}

static inline bool is(Text text, const char *word) {
    return (Py_ssize_t)strlen(word) == text.length && memcmp(text.data, word, text.length) == 0;
}

static PyObject *object_of(Text text) { return PyUnicode_DecodeASCII(text.data, text.length, NULL); }

static int digits(const char *from, int count) {
    int found = 0;
    for (int i = 0; i < count; i++) {
        if (from[i] < '0' || from[i] > '9') {
            return -1;
        }
        found = found * 10 + (from[i] - '0');
    }
    return found;
}

/* Return the microseconds since 1970 of an instant as `2026-10-05T15:00:00Z`; false where it is not of that form. */
static bool instant(Text at, long long *found) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *c = at.data;
    if (at.length != 20 || c[4] != '-' || c[7] != '-' || c[10] != 'T' || c[13] != ':' || c[16] != ':' || c[19] != 'Z') {
        return false;
    }
    int year = digits(c, 4), month = digits(c + 5, 2), day = digits(c + 8, 2);
    int hour = digits(c + 11, 2), minute = digits(c + 14, 2), second = digits(c + 17, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59
        || second < 0 || second > 59) {
        return false;
    }
    bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > days[month - 1] + (month == 2 && leaps)) {
        return false;
    }
    long long before = year - 1, since = before * 365 + before / 4 - before / 100 + before / 400 - 719162 + day - 1;
    for (int m = 1; m < month; m++) {
        since += days[m - 1] + (m == 2 && leaps);
    }
    *found = (((since * 24 + hour) * 60 + minute) * 60 + second) * 1000000LL;
    return true;
}

/* Return what a name stands for among (name, texts read before, reader); NULL where it is none. */
static PyObject *named(PyObject *known, Text name) {
    for (Py_ssize_t i = 0, count = PyTuple_GET_SIZE(known); i < count; i++) {
        PyObject *each = PyTuple_GET_ITEM(known, i), *called = PyTuple_GET_ITEM(each, 0);
        if (PyUnicode_GET_LENGTH(called) == name.length
            && memcmp(PyUnicode_1BYTE_DATA(called), name.data, name.length) == 0) {
            return each;
        }
    }
    return NULL;
}

static bool word(Place *place, const char *expected) {
    size_t length = strlen(expected);
    if ((size_t)(place->end - place->at) < length || memcmp(place->at, expected, length) != 0) {
        return false;
    }
    place->at += length;
    return true;
}

/* Read a text, a truth value or a whole number of up to fifteen digits as Python has it; NULL where it is none. */
static PyObject *said(Place *place) {
    Text found;
    skip(place);
    if (place->at < place->end && *place->at == '"') {
        return text(place, &found) ? object_of(found) : NULL;
    }
    if (word(place, "true")) {
        return Py_NewRef(Py_True);
    }
    if (word(place, "false")) {
        return Py_NewRef(Py_False);
    }
    bool below = word(place, "-");
    const char *from = place->at;
    long long number = 0;
    for (; place->at < place->end && *place->at >= '0' && *place->at <= '9' && place->at - from < 16; place->at++) {
        number = 10 * number + (*place->at - '0');
    }
    Py_ssize_t digits = place->at - from;
    if (digits == 0 || digits > 15 || (*from == '0' && (digits > 1 || below))) {
        return NULL;
    }
    return PyLong_FromLongLong(below ? -number : number); /* what goes on, as `1.5` does, is no value's end */
}

/* Return what a value was remembered under: a text by itself, anything else with its type. */
static PyObject *remembered_as(PyObject *value) {
    return PyUnicode_CheckExact(value) ? Py_NewRef(value) : PyTuple_Pack(2, Py_TYPE(value), value);
}

/* Read `{"name": "value", …}` as values of the policy's; NULL where that takes a closer look. */
static PyObject *values(Place *place, PyObject *known) {
    PyObject *found = PyDict_New();
    if (found == NULL || !take(place, '{')) {
        goto unread;
    }
    if (take(place, '}')) {
        return found;
    }
    do {
        Text name;
        PyObject *of, *given, *under, *value;
        if (!text(place, &name) || !take(place, ':') || (of = named(known, name)) == NULL || (given = said(place)) == NULL) {
            goto unread;
        }
        under = remembered_as(given);
        value = under == NULL ? NULL : Py_XNewRef(PyDict_GetItemWithError(PyTuple_GET_ITEM(of, 1), under));
        if (value == NULL && !PyErr_Occurred()) {
            value = PyObject_CallOneArg(PyTuple_GET_ITEM(of, 2), given);
        }
        Py_XDECREF(under);
        Py_DECREF(given);
        Py_ssize_t before = PyDict_GET_SIZE(found);
        if (value == NULL) {
            goto unread;
        }
        int kept = PyDict_SetItem(found, PyTuple_GET_ITEM(of, 0), value);
        Py_DECREF(value);
        if (kept < 0 || PyDict_GET_SIZE(found) == before) {
            goto unread;
        }
    } while (take(place, ','));
    if (take(place, '}')) {
        return found;
    }
unread:
    Py_XDECREF(found);
    return NULL;
}

/* Read `["name", …]`, at least one, each an issue and none twice, as a tuple. */
static PyObject *issues(Place *place, PyObject *known) {
    PyObject *names = PyList_New(0), *found = NULL;
    if (names == NULL || !take(place, '[')) {
        goto end;
    }
    do {
        Text name;
        PyObject *of;
        if (!text(place, &name) || (of = named(known, name)) == NULL) {
            goto end;
        }
        if (PySequence_Contains(names, PyTuple_GET_ITEM(of, 0)) || PyList_Append(names, PyTuple_GET_ITEM(of, 0)) < 0) {
            goto end;
        }
    } while (take(place, ','));
    if (take(place, ']')) {
        found = PyList_AsTuple(names);
    }
end:
    Py_XDECREF(names);
    return found;
}

static PyObject *event_of(PyObject *policy, int kind, const Text *texts, PyObject *rest, long long at) {
    PyObject *arguments[7] = {NULL}, *made = NULL;
    int count = 5;
    arguments[0] = object_of(texts[ID]);
    arguments[1] = object_of(texts[DEAL]);
    arguments[2] = object_of(texts[AT]);
    arguments[3] = PyLong_FromLongLong(at);
    arguments[4] = texts[ACTOR].data == NULL ? Py_NewRef(empty_text) : object_of(texts[ACTOR]);
    if (kind != OPEN) {
        arguments[count++] = Py_NewRef(PyTuple_GET_ITEM(policy, is(texts[BY], "us") ? US : THEM));
    }
    if (kind != REJECT) {
        arguments[count++] = Py_XNewRef(rest);
    }
    bool complete = true;
    for (int i = 0; i < count; i++) {
        complete = complete && arguments[i] != NULL;
    }
    if (complete) {
        PyObject *type = PyTuple_GET_ITEM(PyTuple_GET_ITEM(policy, CLASSES), kind);
        made = PyObject_Vectorcall(type, arguments, 0, kind_arguments[kind]);
    }
    for (int i = 0; i < count; i++) {
        Py_XDECREF(arguments[i]);
    }
    return made;
}

static PyObject *plain_event(PyObject *policy, PyObject *line) {
    Text texts[KEYS] = {{NULL, 0}};
    PyObject *rest = NULL, *made = NULL;
    int seen = 0, kind = 0;
    long long at;
    if (!PyBytes_CheckExact(line) || PyBytes_GET_SIZE(line) > PyLong_AsLong(PyTuple_GET_ITEM(policy, LONGEST))) {
        Py_RETURN_NONE;
    }
    Place place = {PyBytes_AS_STRING(line), PyBytes_AS_STRING(line) + PyBytes_GET_SIZE(line)};
    if (!take(&place, '{')) {
        goto unread;
    }
    do {
        Text key;
        int which = 0;
        if (!text(&place, &key)) {
            goto unread;
        }
        while (which < KEYS && !is(key, key_names[which])) {
            which++;
        }
        if (which == KEYS || seen & 1 << which || !take(&place, ':')) {
            goto unread;
        }
        seen |= 1 << which;
        if (which == TERMS || which == FACTS || which == ISSUES) {
            if (rest != NULL) {
                goto unread;
            }
            rest = which == ISSUES ? issues(&place, PyTuple_GET_ITEM(policy, ISSUES_KNOWN))
                                   : values(&place, PyTuple_GET_ITEM(policy, which == TERMS ? ISSUES_KNOWN : FACTS_KNOWN));
            if (rest == NULL) {
                goto unread;
            }
        } else if (!text(&place, &texts[which])) {
            goto unread;
        }
    } while (take(&place, ','));
    if (!take(&place, '}')) {
        goto unread;
    }
    skip(&place);
    if (place.at != place.end || !(seen & 1 << TYPE)) {
        goto unread;
    }
    while (kind < KINDS && !is(texts[TYPE], kind_names[kind])) {
        kind++;
    }
    int may = 1 << ACTOR | (kind == ACCEPT ? 1 << ISSUES : 0);
    if (kind == KINDS || (seen & ~may) != kind_keys[kind] || !instant(texts[AT], &at)
        || (kind == OPEN && PyTuple_GET_ITEM(policy, OPENS) != Py_True)
        || (kind == OFFER && PyDict_GET_SIZE(rest) == 0)
        || (kind != OPEN && !is(texts[BY], "us") && !is(texts[BY], "them"))) {
        goto unread;
    }
    Py_ssize_t longest = PyLong_AsLong(PyTuple_GET_ITEM(policy, LONGEST_NAME));
    for (int name = ID; name <= ACTOR; name++) {
        if ((name == ID || name == DEAL || (name == ACTOR && seen & 1 << ACTOR))
            && (texts[name].length < 1 || texts[name].length > longest)) {
            goto unread;
        }
    }
    if (kind == ACCEPT && rest == NULL) {
        rest = PyTuple_New(0);
    } else if (kind == SIGNAL) {
        rest = object_of(texts[KIND]);
        if (rest != NULL && PySequence_Contains(PyTuple_GET_ITEM(policy, SIGNALS), rest) != 1) {
            goto unread;
        }
    }
    made = event_of(policy, kind, texts, rest, at);
unread:
    Py_XDECREF(rest);
    if (made == NULL && (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_ValueError)
                         || PyErr_ExceptionMatches(PyExc_KeyError) || PyErr_ExceptionMatches(PyExc_OverflowError)
                         || PyErr_ExceptionMatches(PyExc_RecursionError))) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    return made;
}

static PyMethodDef reading = {"plain_event", plain_event, METH_O, NULL};

static bool is_known(PyObject *known) {
    if (!PyTuple_CheckExact(known)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(known); i++) {
        PyObject *each = PyTuple_GET_ITEM(known, i);
        if (!PyTuple_CheckExact(each) || PyTuple_GET_SIZE(each) != 3 || !PyDict_CheckExact(PyTuple_GET_ITEM(each, 1))
            || !PyUnicode_CheckExact(PyTuple_GET_ITEM(each, 0)) || !PyUnicode_IS_COMPACT_ASCII(PyTuple_GET_ITEM(each, 0))) {
            return false;
        }
    }
    return true;
}

PyObject *line_reader(PyObject *module, PyObject *known) {
    static const char *const arguments[KINDS][2] = {
        {"by", "terms"}, {"facts", NULL}, {"by", "issues"}, {"by", NULL}, {"by", "kind"},
    };
    if (!PyTuple_CheckExact(known) || PyTuple_GET_SIZE(known) != PARTS || !is_known(PyTuple_GET_ITEM(known, ISSUES_KNOWN))
        || !is_known(PyTuple_GET_ITEM(known, FACTS_KNOWN)) || !PyLong_CheckExact(PyTuple_GET_ITEM(known, LONGEST))
        || !PyLong_CheckExact(PyTuple_GET_ITEM(known, LONGEST_NAME))
        || !PyTuple_CheckExact(PyTuple_GET_ITEM(known, CLASSES)) || PyTuple_GET_SIZE(PyTuple_GET_ITEM(known, CLASSES)) != KINDS) {
        PyErr_SetString(PyExc_TypeError, "a reader wants what it is to know of a policy");
        return NULL;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        if (kind_arguments[kind] == NULL) {
            const char *const *more = arguments[kind];
            kind_arguments[kind] = more[1] == NULL ? Py_BuildValue("(ssssss)", "id", "deal", "at", "instant", "actor", more[0])
                : Py_BuildValue("(sssssss)", "id", "deal", "at", "instant", "actor", more[0], more[1]);
        }
        if (kind_arguments[kind] == NULL) {
            return NULL;
        }
    }
    if (empty_text == NULL && (empty_text = PyUnicode_FromString("")) == NULL) {
        return NULL;
    }
    return PyCFunction_New(&reading, known);
}
