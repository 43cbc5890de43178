# What is done again and again, by a person, by `.ci/run` and by `.github/workflows/ci.yml` alike. `just` alone lists it.

# The programs of the virtual environment come first, whoever calls.
export PATH := justfile_directory() / ".venv/bin:" + env("PATH")

# These let the C core of durable-rules compile on Python 3.13 and later.
flags := "-O2 -fwrapv -DPyEval_CallObject=PyObject_CallObject"

# What the quick loop leaves out, see `markers` in pyproject.toml.
quick := "not slow and not solver and not broker and not postgres and not serve and not browser and not hunt and not simulate and not spark and not packs and not site and not bulk and not described"

# list the recipes
default:
    @{{ just_executable() }} --list --unsorted

# make .venv with everything a change of walkaway needs
setup python="python3":
    {{ python }} -m venv .venv
    CPPFLAGS="{{ flags }}" .venv/bin/pip install -q --no-cache-dir -e '.[dev,serve,mcp,browser,docs]'

# the quick loop: under a minute on two processors
fast *args:
    pytest -q -n 2 -m "{{ quick }}" {{ args }}

# the whole suite, or a part: `just test tests/engine/deal -k opening`
test *args:
    pytest -q -n auto {{ args }}

# the tests that have one marker: `just marked solver`
marked marker *args:
    pytest -q -m {{ marker }} {{ args }}

# all that looks at the code without running it
check: lint types contracts

# mistakes and layout
lint:
    ruff check
    ruff format --check

# types, strictly
types:
    mypy

# who may import whom
contracts:
    lint-imports

# lay the code out, and mend what can be mended without a thought
format:
    ruff check --fix
    ruff format

# the shipped policies: layout, findings, scenarios
rules:
    walkaway fmt --check rules/*/
    walkaway lint rules/*/
    walkaway test rules features

# the pages that are written from the code; tests say where one is not current
pages:
    walkaway facts --format markdown > docs/facts.md
    python -m tests.helpers.principles
    python -m tests.helpers.reference
    python -m tests.helpers.asyncapi

# the conformance kit: deals, and what they are answered, frozen as data
conformance:
    python -m tests.helpers.conformance

# whole answers to made-up deals, word for word, frozen as data
frozen:
    python -m tests.helpers.frozen

# the documentation site, into build/site/; open build/site/index.html
site:
    sphinx-build -q -W -E -b html -c docs . build/site

# the screenshots of docs/serve.md, with Chromium
screens:
    python -m tests.helpers.screens

# source distribution and wheel, into dist/
build:
    pip install -q build
    python -m build

# all that CI does, from a clean copy, both commands of the README first
ci:
    .ci/run
