/* Which of many lines are plain, as the expression of `walkaway.backtest.columnar.reading` has it, and which are offers.

A plain line is one object of printable ASCII without escapes, every key known, in its place and there once. */
#include "native.h"

typedef struct {
    const char *at, *end;
} Place;

typedef struct {
    const char *data;
    Py_ssize_t length;
} Text;

typedef enum { WORDS, YES_NO, COUNT, NUMBER } Sort;

typedef struct {
    char *name;
    Py_ssize_t length;
    Sort sort;
} Known;

enum { MOST_NAMES = 64 };

typedef struct {
    int count;
    Known known[MOST_NAMES];
} Names;

enum { ID, DEAL, AT, TYPE, BY, ACTOR, TERMS, FACTS, ISSUES, KIND, CONFIRMED, OUTCOME, LIMITS, BATNA, KEYS };
static const Text keys[KEYS] = {
    {"id", 2}, {"deal", 4}, {"at", 2}, {"type", 4}, {"by", 2}, {"actor", 5}, {"terms", 5}, {"facts", 5},
    {"issues", 6}, {"kind", 4}, {"confirmed", 9}, {"outcome", 7}, {"limits", 6}, {"batna", 5},
};
enum { OF_OFFERS = 1 << ID | 1 << DEAL | 1 << AT | 1 << TYPE | 1 << BY | 1 << ACTOR | 1 << TERMS };
enum { LEFT, OFFER, OTHER }; /* what a line is said to be */

/* What a sorter knows of a policy: its issues, its deal facts, what deals may limit, and the names of limits. */
enum { OF_TERMS, OF_FACTS, OF_LIMITED, OF_THRESHOLDS, TABLES };

typedef struct {
    Py_ssize_t longest;
    Names tables[TABLES];
} Grammar;

static inline bool take(Place *place, char c) {
    if (place->at >= place->end || *place->at != c) {
        return false;
    }
    place->at++;
    return true;
}

static inline bool take_space(Place *place, char c) {
    return take(place, c) && (take(place, ' ') || true);
}

/* Whether a text goes on with a byte: with printable ASCII, but not with a quote or an escape. */
static bool goes_on[256];

static inline bool text(Place *place, Text *found) {
    if (!take(place, '"')) {
        return false;
    }
    const char *from = found->data = place->at, *end = place->end;
    while (from < end && goes_on[(unsigned char)*from]) {
        from++;
    }
    found->length = from - found->data;
    if (from >= end || *from != '"' || found->length == 0) {
        return false;
    }
    place->at = from + 1;
    return true;
}

static inline bool is(Text text, const char *word, Py_ssize_t length) {
    return text.length == length && *text.data == *word && memcmp(text.data, word, length) == 0;
}

static bool word(Place *place, const char *expected) {
    Py_ssize_t length = strlen(expected);
    if (place->end - place->at < length || memcmp(place->at, expected, length) != 0) {
        return false;
    }
    place->at += length;
    return true;
}

static int digits(Place *place, int most) {
    int found = 0;
    for (; found < most && place->at < place->end && *place->at >= '0' && *place->at <= '9'; found++) {
        place->at++;
    }
    return found;
}

/* Read a number of so many digits before its point, and up to so many behind one. */
static bool number(Place *place, int before, int behind) {
    (void)(take(place, '-') || true);
    if (!take(place, '0') && (place->at >= place->end || *place->at == '0' || digits(place, before) == 0)) {
        return false;
    }
    return !behind || !take(place, '.') || digits(place, behind) > 0; /* what goes on is no value's end */
}

static bool value(Place *place, Sort sort) {
    Text found;
    if (place->at < place->end && *place->at == '"') {
        return text(place, &found) && (sort != YES_NO || is(found, "yes", 3) || is(found, "no", 2));
    }
    switch (sort) {
    case YES_NO:
        return word(place, "true") || word(place, "false");
    case COUNT:
        return number(place, 15, 0);
    case NUMBER:
        return number(place, 9, 2);
    default:
        return false;
    }
}

/* Read a name and its colon; its place among those known that were not met yet, or -1. */
static int name(Place *place, const Names *names, uint64_t *met) {
    Text found;
    if (!text(place, &found) || !take_space(place, ':')) {
        return -1;
    }
    for (int i = 0; i < names->count; i++) {
        if (is(found, names->known[i].name, names->known[i].length)) {
            bool is_new = !(*met >> i & 1);
            *met |= (uint64_t)1 << i;
            return is_new ? i : -1;
        }
    }
    return -1;
}

static bool values(Place *place, const Names *names, bool may_be_empty) {
    uint64_t met = 0;
    if (!take(place, '{')) {
        return false;
    }
    if (may_be_empty && take(place, '}')) {
        return true;
    }
    do {
        int which = name(place, names, &met);
        if (which < 0 || !value(place, names->known[which].sort)) {
            return false;
        }
    } while (take_space(place, ','));
    return take(place, '}');
}

static bool limits(Place *place, const Grammar *grammar) {
    uint64_t met = 0;
    if (!take(place, '{')) {
        return false;
    }
    do {
        int which = name(place, &grammar->tables[OF_LIMITED], &met);
        if (which < 0) {
            return false;
        }
        Names thresholds = grammar->tables[OF_THRESHOLDS];
        for (int i = 0; i < thresholds.count; i++) {
            thresholds.known[i].sort = grammar->tables[OF_LIMITED].known[which].sort;
        }
        if (!values(place, &thresholds, false)) {
            return false;
        }
    } while (take_space(place, ','));
    return take(place, '}');
}

static bool issues(Place *place) {
    Text found;
    if (!take(place, '[')) {
        return false;
    }
    do {
        if (!text(place, &found)) {
            return false;
        }
    } while (take_space(place, ','));
    return take(place, ']');
}

/* Return what the line is that begins at a place, and where it ends: at a line feed, or with all lines. */
static int sort_of(const Grammar *grammar, const char *from, const char *end, const char **line_end) {
    Place place = {from, end};
    Text found;
    int seen = 0;
    bool is_offer = false;
    if (!take(&place, '{')) {
        goto left;
    }
    do {
        int which = 0;
        bool fits;
        if (!text(&place, &found) || !take_space(&place, ':')) {
            goto left;
        }
        while (which < KEYS && !is(found, keys[which].data, keys[which].length)) {
            which++;
        }
        if (which == KEYS || seen & 1 << which) {
            goto left;
        }
        seen |= 1 << which;
        switch (which) {
        case TERMS:
            fits = values(&place, &grammar->tables[OF_TERMS], true);
            break;
        case FACTS:
            fits = values(&place, &grammar->tables[OF_FACTS], true);
            break;
        case LIMITS:
            fits = limits(&place, grammar);
            break;
        case ISSUES:
            fits = issues(&place);
            break;
        case CONFIRMED:
            fits = word(&place, "true") || word(&place, "false");
            break;
        default:
            fits = text(&place, &found) && (which != BY || is(found, "us", 2) || is(found, "them", 4));
        }
        if (!fits) {
            goto left;
        }
        is_offer = is_offer || (which == TYPE && is(found, "offer", 5));
    } while (take_space(&place, ','));
    if (!take(&place, '}') || (place.at < end && *place.at != '\n') || place.at - from > grammar->longest
        || (is_offer && seen & ~OF_OFFERS)) {
        goto left;
    }
    *line_end = place.at;
    return is_offer ? OFFER : OTHER;
left:
    *line_end = memchr(from, '\n', end - from);
    *line_end = *line_end == NULL ? end : *line_end;
    return LEFT;
}

/* Lines one behind the other that are the same, with the line feeds behind them. */
typedef struct {
    int sort;
    Py_ssize_t lines, length;
} Run;

typedef struct {
    Run *runs;
    Py_ssize_t count, room, lines, sizes[OTHER + 1];
} Sorted;

static bool sorted(const Grammar *grammar, const char *data, const char *end, Sorted *found) {
    for (const char *from = data, *to; from <= end; from = to + 1) {
        int sort = sort_of(grammar, from, end, &to);
        Run *last = found->count ? &found->runs[found->count - 1] : NULL;
        if (last == NULL || last->sort != sort) {
            if (found->count == found->room) {
                Py_ssize_t room = found->room ? 2 * found->room : 1024;
                Run *runs = PyMem_Realloc(found->runs, room * sizeof(Run));
                if (runs == NULL) {
                    return false;
                }
                found->runs = runs;
                found->room = room;
            }
            last = &found->runs[found->count++];
            *last = (Run){sort, 0, 0};
        }
        last->lines++;
        last->length += to - from + 1;
        found->lines++;
        found->sizes[sort] += to - from + 1;
    }
    return true;
}

/* Return (what each line is, the offers, the others) of lines with a line feed between each two of them. */
static PyObject *sort_lines(PyObject *capsule, PyObject *lines) {
    const Grammar *grammar = PyCapsule_GetPointer(capsule, NULL);
    Py_ssize_t length;
    const char *data = PyUnicode_Check(lines) ? PyUnicode_AsUTF8AndSize(lines, &length) : NULL;
    if (grammar == NULL || data == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "lines are sorted as one text");
        }
        return NULL;
    }
    Sorted found = {0};
    PyObject *sorts = NULL, *offers = NULL, *others = NULL, *made = NULL;
    if (!sorted(grammar, data, data + length, &found)) {
        PyErr_NoMemory();
        goto end;
    }
    sorts = PyBytes_FromStringAndSize(NULL, found.lines);
    offers = PyBytes_FromStringAndSize(NULL, found.sizes[OFFER]);
    others = PyBytes_FromStringAndSize(NULL, found.sizes[OTHER]);
    if (sorts != NULL && offers != NULL && others != NULL) {
        char *into = PyBytes_AS_STRING(sorts), *copied[] = {NULL, PyBytes_AS_STRING(offers), PyBytes_AS_STRING(others)};
        const char *from = data, *end = data + length;
        for (Py_ssize_t i = 0; i < found.count; i++) {
            const Run *run = &found.runs[i];
            memset(into, run->sort, run->lines);
            into += run->lines;
            if (run->sort != LEFT) {
                Py_ssize_t within = from + run->length > end ? run->length - 1 : run->length;
                memcpy(copied[run->sort], from, within);
                copied[run->sort] += run->length;
                copied[run->sort][-1] = '\n'; /* the last of all lines has none behind it */
            }
            from += run->length;
        }
        made = PyTuple_Pack(3, sorts, offers, others);
    }
end:
    PyMem_Free(found.runs);
    Py_XDECREF(others);
    Py_XDECREF(offers);
    Py_XDECREF(sorts);
    return made;
}

static PyMethodDef sorting = {"sort_lines", sort_lines, METH_O, NULL};

static void let_go(Grammar *grammar) {
    for (int table = 0; table < TABLES; table++) {
        for (int i = 0; i < grammar->tables[table].count; i++) {
            PyMem_Free(grammar->tables[table].known[i].name);
        }
    }
    PyMem_Free(grammar);
}

static void forget(PyObject *capsule) { let_go(PyCapsule_GetPointer(capsule, NULL)); }

/* Take in names, each with what its values are; false without an error where there are too many, or one is not plain. */
static bool named(Names *names, PyObject *items) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++) {
        const char *called;
        int sort;
        Py_ssize_t length;
        PyObject *item = PyTuple_GET_ITEM(items, i);
        if (!PyTuple_Check(item) || !PyArg_ParseTuple(item, "s#i", &called, &length, &sort) || i == MOST_NAMES) {
            return false;
        }
        Known *known = &names->known[i];
        if (length == 0 || sort < WORDS || sort > NUMBER || (known->name = PyMem_Malloc(length)) == NULL) {
            return false;
        }
        memcpy(known->name, called, length);
        known->length = length;
        known->sort = (Sort)sort;
        names->count++;
    }
    return true;
}

/* (longest line, issues, deal facts, what deals may limit, thresholds), the last four as (name, sort of values) each */
PyObject *line_sorter(PyObject *module, PyObject *arguments) {
    PyObject *tables[TABLES], *capsule = NULL, *made = NULL;
    Py_ssize_t longest;
    if (!PyArg_ParseTuple(arguments, "nO!O!O!O!", &longest, &PyTuple_Type, &tables[0], &PyTuple_Type, &tables[1],
                          &PyTuple_Type, &tables[2], &PyTuple_Type, &tables[3])) {
        return NULL;
    }
    Grammar *grammar = PyMem_Calloc(1, sizeof(Grammar));
    if (grammar == NULL) {
        return PyErr_NoMemory();
    }
    grammar->longest = longest;
    for (int c = 0x20; c < 0x7f; c++) {
        goes_on[c] = c != '"' && c != '\\';
    }
    bool is_known = true;
    for (int table = 0; is_known && table < TABLES; table++) {
        is_known = named(&grammar->tables[table], tables[table]);
    }
    if (!is_known || (capsule = PyCapsule_New(grammar, NULL, forget)) == NULL) {
        let_go(grammar);
        if (PyErr_Occurred()) {
            return NULL;
        }
        Py_RETURN_NONE; /* such lines are the expression's to sort */
    }
    made = PyCFunction_New(&sorting, capsule);
    Py_DECREF(capsule);
    return made;
}
