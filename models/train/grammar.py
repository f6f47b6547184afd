"""Polish sentences made from a grammar, with their English: who does what to whom, in any order; numbers and dates.

Polish tells the subject from the object by their endings, and either may come first. The text that the package is
trained on shows little of that, so a model of this size reads every sentence as if the subject came first.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models.train.inflection import adjective, participle, past, with_

WORDS = Path(__file__).parent / "grammar.tsv"

NOMINATIVE, GENITIVE, DATIVE, ACCUSATIVE, INSTRUMENTAL = range(5)

_WEEKDAYS = (
    ("w poniedziałek", "Monday"), ("we wtorek", "Tuesday"), ("w środę", "Wednesday"), ("w czwartek", "Thursday"),
    ("w piątek", "Friday"), ("w sobotę", "Saturday"), ("w niedzielę", "Sunday"),
)  # fmt: skip
_MONTHS = (
    ("stycznia", "January"), ("lutego", "February"), ("marca", "March"), ("kwietnia", "April"), ("maja", "May"),
    ("czerwca", "June"), ("lipca", "July"), ("sierpnia", "August"), ("września", "September"),
    ("października", "October"), ("listopada", "November"), ("grudnia", "December"),
)  # fmt: skip

Pair = tuple[str, str]

NOTHING: Pair = ("", "")


@dataclass(frozen=True, slots=True)
class Noun:
    """Who does or suffers something.

    Attributes:
        kind: noun, group (not a person), title (may be of a country) or name.
        gender: m, f, n, or p, the plural of men or of both.
        cases: nominative to instrumental.
        plural: whether it is one in English.
    """

    kind: str
    gender: str
    cases: tuple[str, ...]
    english: str
    plural: bool

    @property
    def marked(self) -> bool:
        """Whether its accusative shows that it is the object."""
        return self.cases[ACCUSATIVE] != self.cases[NOMINATIVE]

    @property
    def was(self) -> str:
        """The past of "to be" that goes with it."""
        return "were" if self.plural else "was"


@dataclass(frozen=True, slots=True)
class Verb:
    """What one does to another; empty where there is no such form, or none that is used here.

    Attributes:
        ends: whether one of the tails must follow.
    """

    past: str
    future: str
    futures: str
    participle: str
    did: str
    done: str
    do: str
    ends: bool
    tails: tuple[Pair, ...]


class Grammar:
    """Makes sentences by chance, from the words of `grammar.tsv`."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.words: dict[str, list[list[str]]] = {}
        for line in WORDS.read_text(encoding="utf-8").splitlines():
            kind, *cells = line.split("\t")
            if not kind.startswith("#"):
                self.words.setdefault(kind, []).append(cells)

    def pairs(self, number: int) -> list[Pair]:
        """So many distinct pairs of a Polish sentence and its English."""
        makers: Sequence[tuple[Callable[[], Pair], int]] = (
            (self._active, 34), (self._future, 4), (self._negated, 4), (self._question, 3), (self._passive, 6),
            (self._impersonal, 8), (self._headline, 6), (self._relative, 8), (self._reported, 9), (self._to, 6),
            (self._with, 6), (self._give, 6), (self._alone, 4), (self._figures, 6),
        )  # fmt: skip
        weights = [weight for _, weight in makers]
        found: dict[str, str] = {}
        while len(found) < number:
            make = self.rng.choices([maker for maker, _ in makers], weights)[0]
            polish, english = make()
            found.setdefault(polish, english)
        return list(found.items())

    # Words by chance

    @cached_property
    def _nouns(self) -> list[Noun]:
        return [
            Noun(kind, cells[0], tuple(cells[1:6]), cells[6].removesuffix("+"), cells[6].endswith("+"))
            for kind in ("noun", "group", "title", "name")
            for cells in self.words[kind]
        ]

    @cached_property
    def _verbs(self) -> list[Verb]:
        def verb(does: str, will: str, they: str, done_to: str, did: str, done: str, do: str, *tails: str) -> Verb:
            ends = [tail.partition("=") for tail in tails if tail != "!"]
            found = tuple((polish, english) for polish, _, english in ends)
            return Verb(does, will, they, done_to, did, done, do, "!" in tails, found)

        return [verb(*cells) for cells in self.words["verb"]]

    def chance(self, share: float) -> bool:
        """True in such a share of calls."""
        return self.rng.random() < share

    def word(self, kind: str) -> list[str]:
        """The cells of some line of `grammar.tsv` of this kind."""
        return self.rng.choice(self.words[kind])

    def _phrase(self, kind: str) -> Pair:
        polish, english = self.word(kind)
        return polish, english

    def noun(self, *others: Noun) -> Noun:
        """A noun, some with an adjective or a country, none of the others."""
        noun = self.rng.choice(self._nouns)
        if any(noun.english in other.english or other.english in noun.english for other in others):
            return self.noun(*others)
        if noun.kind == "title" and self.chance(0.4):
            polish, english = self.word("land")
            cases = tuple(f"{case} {polish}" for case in noun.cases)
            return Noun(noun.kind, noun.gender, cases, f"{noun.english} of {english}", noun.plural)
        if noun.kind != "name" and self.chance(0.2):
            singular, plural, english = self.word("adjective")
            forms = adjective(singular, plural, noun.gender)
            if noun.gender == "m" and not noun.marked:
                forms = (*forms[:3], forms[0], forms[4])
            cases = tuple(f"{form} {case}" for form, case in zip(forms, noun.cases, strict=True))
            english = f"the {english} {noun.english.removeprefix('the ')}"
            return Noun(noun.kind, noun.gender, cases, english, noun.plural)
        return noun

    def verb(self, *needed: str) -> tuple[Verb, Pair]:
        """A verb that has these forms, and the way it ends."""
        verb = self.rng.choice([verb for verb in self._verbs if all(getattr(verb, form) for form in needed)])
        return verb, self.rng.choice(verb.tails) if verb.tails and (verb.ends or self.chance(0.6)) else NOTHING

    def when(self, kind: str = "time") -> Pair:
        """A time, or none."""
        chance = self.rng.random()
        if chance < 0.45:
            return NOTHING
        if chance < 0.65 and kind == "time":
            polish, day = self.rng.choice(_WEEKDAYS)
            part = self.rng.choice((("", ""), ("", ""), (" rano", " morning"), (" wieczorem", " evening")))
            return polish + part[0], f"on {day}{part[1]}"
        if chance < 0.7 and kind == "time":
            polish, month = self.rng.choice(_MONTHS)
            day = str(self.rng.randint(1, 31 if month != "February" else 28))
            return f"{day} {polish}", f"on {month} {day}"
        if chance < 0.73 and kind == "time":
            year = str(self.rng.randint(1900, 2030))
            return f"w {year} roku", f"in {year}"
        return self._phrase(kind)

    def where(self) -> Pair:
        """A place or an occasion, or none."""
        return self._phrase("place") if self.chance(0.35) else NOTHING

    def by(self, agent: Noun, share: float) -> Pair:
        """Who it was done by, in some sentences."""
        return (f"przez {agent.cases[ACCUSATIVE]}", f"by {agent.english}") if self.chance(share) else NOTHING

    # Sentences by chance

    def clause(self, timed: bool = True) -> Pair:
        """One does something to another, at some time if wanted; without capital and full stop."""
        subject = self.noun()
        thing = self.noun(subject)
        verb, (tail, ending) = self.verb()
        when, where = self.when() if timed else NOTHING, self.where()
        does = past(verb.past, subject.gender)
        doer, done_to = subject.cases[NOMINATIVE], thing.cases[ACCUSATIVE]
        if not (thing.marked and self.chance(0.62)):
            polish = [when[0], doer, does, done_to, tail, where[0]]
        elif self.chance(0.3):
            polish = [when[0], done_to, does, tail, where[0], doer]
        elif when[0] and self.chance(0.3):
            polish = [done_to, does, when[0], doer, tail, where[0]]
        else:
            polish = [when[0], done_to, does, doer, tail, where[0]]
        return joined(polish), joined([when[1], subject.english, verb.did, thing.english, ending, where[1]])

    def _active(self) -> Pair:
        return sentence(*self.clause())

    def _future(self) -> Pair:
        subject = self.noun()
        thing = self.noun(subject)
        verb, (tail, ending) = self.verb("future", "do")
        when = self.when("later")
        does = verb.futures if subject.gender == "p" else verb.future
        turned = thing.marked and self.chance(0.5)
        order = ordered(subject.cases[NOMINATIVE], does, thing.cases[ACCUSATIVE], turned)
        return sentence(
            joined([when[0], *order, tail]),
            joined([when[1], subject.english, "will", verb.do, thing.english, ending]),
        )

    def _negated(self) -> Pair:
        subject = self.noun()
        thing = self.noun(subject)
        verb, (tail, ending) = self.verb("do")
        does = f"nie {past(verb.past, subject.gender)}"
        turned = self.chance(0.5) and thing.marked
        order = ordered(subject.cases[NOMINATIVE], does, thing.cases[GENITIVE], turned)
        return sentence(joined([*order, tail]), joined([subject.english, "did not", verb.do, thing.english, ending]))

    def _question(self) -> Pair:
        noun = self.noun()
        verb, (tail, ending) = self.verb("do")
        if self.chance(0.5):
            does = past(verb.past, noun.gender)
            polish = joined(["kogo", does, noun.cases[NOMINATIVE], tail])
            return sentence(polish, joined(["who did", noun.english, verb.do, ending]), "?")
        polish = joined(["kto", verb.past, noun.cases[ACCUSATIVE], tail])
        return sentence(polish, joined(["who", verb.did, noun.english, ending]), "?")

    def _passive(self) -> Pair:
        thing = self.noun()
        agent = self.noun(thing)
        verb, (tail, ending) = self.verb("participle", "done")
        when, where = self.when(), self.where()
        was = past("został", thing.gender)
        done = participle(verb.participle, thing.gender)
        by = self.by(agent, 0.6)
        polish = [when[0], thing.cases[NOMINATIVE], was, done, by[0], tail, where[0]]
        english = [when[1], thing.english, thing.was, verb.done, by[1], ending, where[1]]
        return sentence(joined(polish), joined(english))

    def _impersonal(self) -> Pair:
        """*Aresztowano sędziego*: somebody did."""
        thing = self.noun()
        verb, (tail, ending) = self.verb("participle", "done")
        when, where = self.when(), self.where()
        done = verb.participle[:-1] + "o"
        order = [thing.cases[ACCUSATIVE], done] if self.chance(0.5) else [done, thing.cases[ACCUSATIVE]]
        english = [when[1], thing.english, thing.was, verb.done, ending, where[1]]
        return sentence(joined([when[0], *order, tail, where[0]]), joined(english))

    def _headline(self) -> Pair:
        thing = self.noun()
        agent = self.noun(thing)
        verb, (tail, ending) = self.verb("participle", "done")
        where = self.where()
        by = self.by(agent, 0.4)
        polish = [thing.cases[NOMINATIVE], participle(verb.participle, thing.gender), by[0], tail, where[0]]
        english = [thing.english.removeprefix("the "), verb.done, by[1].replace("by the ", "by "), ending, where[1]]
        return sentence(joined(polish), joined(english), "." if self.chance(0.3) else "")

    def _relative(self) -> Pair:
        subject = self.rng.choice([noun for noun in self._nouns if noun.kind in ("noun", "title")])
        other = self.noun(subject)
        verb, (tail, ending) = self.verb()
        act, rest, english, _ = self.word("act")
        main = joined([past(act, subject.gender), rest])
        if subject.marked and self.chance(0.5):
            whom = {"m": "którego", "f": "którą", "p": "których"}[subject.gender]
            inner = joined([whom, past(verb.past, other.gender), other.cases[NOMINATIVE], tail])
            told = joined(["whom", other.english, verb.did, ending])
        else:
            who = {"m": "który", "f": "która", "n": "które", "p": "którzy"}[subject.gender]
            inner = joined([who, past(verb.past, subject.gender), other.cases[ACCUSATIVE], tail])
            told = joined(["who", verb.did, other.english, ending])
        polish = f"{subject.cases[NOMINATIVE]}, {inner}, {main}"
        return sentence(polish, f"{subject.english}, {told}, {_were(english, subject)}")

    def _reported(self) -> Pair:
        polish, english = self.clause()
        if self.chance(0.25):
            source = self.rng.choice([noun for noun in self._nouns if noun.kind in ("noun", "group")])
            return sentence(f"według {source.cases[GENITIVE]} {polish}", f"according to {source.english}, {english}")
        speaker = self.noun()
        said, told = self.word("say")
        return sentence(
            f"{speaker.cases[NOMINATIVE]} {past(said, speaker.gender)}, że {polish}",
            f"{speaker.english} {told} that {english}",
        )

    def _to(self) -> Pair:
        return self._towards("to")

    def _with(self) -> Pair:
        return self._towards("with")

    def _towards(self, kind: str) -> Pair:
        """One does something `to` another, in the dative, or `with` another, in the instrumental."""
        subject = self.noun()
        other = self.noun(subject)
        form, after, english = self.word(kind)
        when, where = self.when(), self.where() if kind == "with" else NOTHING
        does = joined([past(form, subject.gender), after])
        whom = with_(other.cases[INSTRUMENTAL]) if kind == "with" else other.cases[DATIVE]
        order = ordered(subject.cases[NOMINATIVE], does, whom, self.chance(0.55))
        told = [when[1], subject.english, english, other.english, where[1]]
        return sentence(joined([when[0], *order, where[0]]), joined(told))

    def _give(self) -> Pair:
        subject = self.noun()
        other = self.noun(subject)
        form, english = self.word("give")
        thing, object_ = self.word("thing")
        when = self.when()
        does, doer, to = past(form, subject.gender), subject.cases[NOMINATIVE], other.cases[DATIVE]
        orders = ([doer, does, to, thing], [to, thing, does, doer], [to, does, thing, doer], [thing, does, to, doer])
        verb, *particle = english.split(" ", 1)
        told = [verb, object_, *particle, other.english] if particle else [verb, other.english, object_]
        if english == "handed over to":
            told = ["handed", object_, "over to", other.english]
        order = self.rng.choice(orders)
        return sentence(joined([when[0], *order]), joined([when[1], subject.english, *told]))

    def _alone(self) -> Pair:
        subject = self.noun()
        act, rest, english, _ = self.word("act")
        when = self.when()
        does = past(act, subject.gender)
        polish = [when[0], subject.cases[NOMINATIVE], does, rest]
        return sentence(joined(polish), joined([when[1], subject.english, _were(english, subject)]))

    def _figures(self) -> Pair:
        """Numbers, hours and dates, which a model has to copy."""
        many, more = (str(self.rng.randint(5, 990) // 10 * 10 + self.rng.randint(5, 9)) for _ in range(2))
        year = str(self.rng.randint(1500, 2030))
        hour, minute = str(self.rng.randint(0, 23)), f"{self.rng.randint(0, 59):02d}"
        weekday, month = self.rng.choice(_WEEKDAYS), self.rng.choice(_MONTHS)
        day = str(self.rng.randint(1, 28))
        thousand = f"{self.rng.randint(1, 90)},{self.rng.randint(1, 9)}"
        place = self.word("place")
        choices = (
            (f"zginęło {many} osób, a {more} zostało rannych", f"{many} people were killed and {more} were injured"),
            (f"ceny wzrosły o {many} procent", f"prices rose by {many} percent"),
            (f"{place[0]} mieszkało {many} tysięcy osób", f"{many} thousand people lived {place[1]}"),
            (f"mecz zakończył się wynikiem {day}:{hour}", f"the match ended {day}-{hour}"),
            (f"w {year} roku było ich {many}", f"in {year} there were {many} of them"),
            (f"spotkanie odbędzie się {weekday[0]} o {hour}.{minute}",
             f"the meeting will take place on {weekday[1]} at {hour}:{minute}"),
            (f"urodził się {day} {month[0]} {year} roku", f"he was born on {month[1]} {day}, {year}"),
            (f"umowę podpisano {day} {month[0]} {year} roku {place[0]}",
             f"the agreement was signed on {month[1]} {day}, {year} {place[1]}"),
            (f"firma zarobiła {thousand} miliona dolarów", f"the company earned {thousand.replace(',', '.')} million "
             "dollars"),
            (f"{weekday[0]} o godzinie {hour}.{minute} zaczął się pożar",
             f"on {weekday[1]} at {hour}:{minute} a fire broke out"),
            (f"od {day} do {more} osób straciło pracę", f"between {day} and {more} people lost their jobs"),
            (f"policja zatrzymała {many} osób", f"the police detained {many} people"),
        )  # fmt: skip
        return sentence(*self.rng.choice(choices))


def ordered(doer: str, does: str, other: str, turned: bool) -> list[str]:
    """Subject, verb, object, or the other way round."""
    return [other, does, doer] if turned else [doer, does, other]


def _were(english: str, subject: Noun) -> str:
    return re.sub(r"^was\b", subject.was, english)


def joined(parts: Sequence[str]) -> str:
    """The parts that there are, with spaces between."""
    return " ".join(part for part in parts if part)


def sentence(polish: str, english: str, end: str = ".") -> Pair:
    """Both sides with capital and full stop."""
    return polish[:1].upper() + polish[1:] + end, english[:1].upper() + english[1:] + end
