"""Polish sentences that one word turns round, with their English: prefixes, negations, predicates; and long ones.

*Wpuścił* let in and *wypuścił* let out, *założył* put on and *zdjął* took off: in running text a model of this size
hardly sees what sets such words apart, and it loses *nie* and leaves out clauses. These sentences differ in just that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.train.grammar import ACCUSATIVE, GENITIVE, NOTHING, Grammar, Pair, joined, ordered, sentence
from models.train.inflection import adjective, infinitive, participle, past

_WISHES = (
    ("chce", "chcą", "wants to", "want to"), ("nie chce", "nie chcą", "does not want to", "do not want to"),
    ("może", "mogą", "can", "can"), ("nie może", "nie mogą", "cannot", "cannot"),
    ("musi", "muszą", "must", "must"), ("nie musi", "nie muszą", "does not have to", "do not have to"),
    ("zamierza", "zamierzają", "intends to", "intend to"),
    ("nie zamierza", "nie zamierzają", "does not intend to", "do not intend to"),
    ("próbuje", "próbują", "is trying to", "are trying to"),
)  # fmt: skip
"""Singular and plural, in Polish and in English."""
_WISHED = (
    ("chciał", "wanted to"), ("nie chciał", "did not want to"), ("postanowił", "decided to"),
    ("zdołał", "managed to"), ("nie zdołał", "failed to"), ("próbował", "tried to"),
)  # fmt: skip
_BETWEEN = (
    (", a", ", and"), (" i", " and"), (", ale", ", but"), (", ponieważ", " because"), (", gdy", " when"),
    (", po tym, jak", " after"), (", zanim", " before"), (", choć", " although"), (", dlatego", ", so"),
)  # fmt: skip
_FIRST = (("gdy", "when"), ("po tym, jak", "after"), ("zanim", "before"), ("choć", "although"), ("ponieważ", "because"))


@dataclass(frozen=True, slots=True)
class Item:
    """What something is done to."""

    gender: str
    nominative: str
    genitive: str
    accusative: str
    english: str
    plural: bool

    @property
    def was(self) -> str:
        """The past of "to be" that goes with it."""
        return "were" if self.plural else "was"


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to an item."""

    past: str
    future: str
    futures: str
    participle: str
    infinitive: str
    did: str
    done: str
    do: str


class Opposites:
    """Makes sentences by chance, from the words of `grammar.tsv`."""

    def __init__(self, seed: int = 1) -> None:
        self._grammar = Grammar(seed)
        self._rng = self._grammar.rng

    def pairs(self, number: int) -> list[Pair]:
        """So many distinct pairs of a Polish sentence and its English."""
        makers: Sequence[tuple[Callable[[], Pair], int]] = (
            (self._done, 20), (self._done_passively, 10), (self._item_headline, 5), (self._wanted, 8),
            (self._state, 14), (self._negated_act, 6), (self._negated_passive, 7), (self._nobody, 5), (self._never, 4),
            (self._rather, 3), (self._found_guilty, 3), (self._long, 15),
        )  # fmt: skip
        weights = [weight for _, weight in makers]
        found: dict[str, str] = {}
        while len(found) < number:
            polish, english = self._rng.choices([maker for maker, _ in makers], weights)[0]()
            found.setdefault(polish, english)
        return list(found.items())

    def _deed(self) -> tuple[Deed, Item]:
        kind, *cells = self._grammar.word("deed")
        items = [item for item in self._grammar.words["item"] if item[0] == kind]
        _, gender, nominative, genitive, accusative, english = self._rng.choice(items)
        told, plural = english.removesuffix("+"), english.endswith("+")
        return Deed(*cells), Item(gender, nominative, genitive, accusative, told, plural)

    def _done(self) -> Pair:
        """Somebody did something to an item, or did not, or will."""
        return sentence(*self._clause())

    def _clause(self, timed: bool = True) -> Pair:
        subject, (deed, item) = self._grammar.noun(), self._deed()
        negated, later = self._grammar.chance(0.35), timed and self._grammar.chance(0.3)
        when = self._grammar.when("later" if later else "time") if timed else NOTHING
        thing = item.genitive if negated else item.accusative
        if later:
            does = deed.futures if subject.gender == "p" else deed.future
            did = f"will not {deed.do}" if negated else f"will {deed.do}"
        else:
            does = past(deed.past, subject.gender)
            did = f"did not {deed.do}" if negated else deed.did
        order = ordered(subject.cases[0], f"nie {does}" if negated else does, thing, self._grammar.chance(0.25))
        return joined([when[0], *order]), joined([when[1], subject.english, did, item.english])

    def _done_passively(self) -> Pair:
        """An item was raised, closed, put on, by somebody or other."""
        deed, item = self._deed()
        when, negated = self._grammar.when(), self._grammar.chance(0.35)
        if self._grammar.chance(0.4):
            thing = item.genitive if negated else item.accusative
            does = ["nie" if negated else "", deed.participle[:-1] + "o"]
            polish = [thing, *does] if self._grammar.chance(0.4) else [*does, thing]
            by = NOTHING
        else:
            by = self._grammar.by(self._grammar.noun(), 0.4)
            was = past("został", item.gender)
            polish = [item.nominative, "nie" if negated else "", was, participle(deed.participle, item.gender), by[0]]
        english = [when[1], item.english, item.was, "not" if negated else "", deed.done, by[1]]
        return sentence(joined([when[0], *polish]), joined(english))

    def _item_headline(self) -> Pair:
        deed, item = self._deed()
        by = self._grammar.by(self._grammar.noun(), 0.4)
        polish = [item.nominative, participle(deed.participle, item.gender), by[0]]
        english = [item.english.removeprefix("the "), deed.done, by[1].replace("by the ", "by ")]
        return sentence(joined(polish), joined(english), "." if self._grammar.chance(0.3) else "")

    def _wanted(self) -> Pair:
        """Somebody wants to do something, must not, failed to."""
        subject = self._grammar.noun()
        if self._grammar.chance(0.6):
            one, many, wants, want = self._rng.choice(_WISHES)
            will = many if subject.gender == "p" else one
            told = want if subject.plural else wants
        else:
            form, told = self._rng.choice(_WISHED)
            *no, verb_form = form.split(" ")
            will = joined([*no, past(verb_form, subject.gender)])
        negated = will.startswith("nie ")
        if self._grammar.chance(0.5):
            deed, item = self._deed()
            polish, english = [deed.infinitive, item.genitive if negated else item.accusative], [deed.do, item.english]
        else:
            verb, (tail, ending) = self._grammar.verb("participle", "do")
            other = self._grammar.noun(subject)
            whom = other.cases[GENITIVE if negated else ACCUSATIVE]
            polish, english = [infinitive(verb.past), whom, tail], [verb.do, other.english, ending]
        return sentence(joined([subject.cases[0], will, *polish]), joined([subject.english, told, *english]))

    def _state(self) -> Pair:
        """Somebody was sober, is not guilty, will be ready."""
        subject = self._grammar.noun()
        singular, plural, english = self._grammar.word("state")
        state = adjective(singular, plural, subject.gender)[0]
        many = subject.gender == "p"
        tense = self._rng.choice(("past", "past", "present", "future"))
        was = {"past": past("był", subject.gender), "present": "są" if many else "jest"}
        was["future"] = "będą" if many else "będzie"
        told = {"past": subject.was, "present": "are" if subject.plural else "is", "future": "will be"}
        no, told_no = self._rng.choice((("", ""), ("", ""), ("nie", "not"), ("nie", "not"), ("już nie", "no longer")))
        to_be = told[tense].replace("will be", f"will {told_no} be" if told_no else "will be")
        negation = "" if tense == "future" else told_no
        clause = joined([subject.cases[0], no, was[tense], state]), joined([subject.english, to_be, negation, english])
        start = self._rng.choice((("", ""), ("", ""), ("okazało się, że", "it turned out that")))
        if self._grammar.chance(0.2):
            speaker, (said, says) = self._grammar.noun(subject), self._grammar.word("say")
            start = f"{speaker.cases[0]} {past(said, speaker.gender)}, że", f"{speaker.english} {says} that"
        return sentence(joined([start[0], clause[0]]), joined([start[1], clause[1]]))

    def _negated_act(self) -> Pair:
        subject = self._grammar.noun()
        act, rest, _, base = self._grammar.word("act")
        told = base.removeprefix("be ")
        did = f"{subject.was} not {told}" if base.startswith("be ") else f"did not {base}"
        polish = joined([subject.cases[0], "nie", past(act, subject.gender), rest])
        return sentence(polish, joined([subject.english, did]))

    def _negated_passive(self) -> Pair:
        thing = self._grammar.noun()
        verb, (tail, ending) = self._grammar.verb("participle", "done")
        where = self._grammar.where()
        if self._grammar.chance(0.4):
            polish = ["nie", verb.participle[:-1] + "o", thing.cases[GENITIVE]]
            by = NOTHING
        else:
            by = self._grammar.by(self._grammar.noun(thing), 0.4)
            polish = [thing.cases[0], "nie", past("został", thing.gender), participle(verb.participle, thing.gender)]
        english = [thing.english, thing.was, "not", verb.done, by[1], ending, where[1]]
        return sentence(joined([*polish, by[0], tail, where[0]]), joined(english))

    def _nobody(self) -> Pair:
        """Nobody did it to somebody; somebody did it to nobody."""
        other = self._grammar.noun()
        verb, (tail, ending) = self._grammar.verb("participle", "do")
        if self._grammar.chance(0.6):
            polish = ["nikt", "nie", verb.past, other.cases[GENITIVE], tail]
            return sentence(joined(polish), joined(["nobody", verb.did, other.english, ending]))
        does = past(verb.past, other.gender)
        polish = [other.cases[0], "nikogo", "nie", does, tail]
        return sentence(joined(polish), joined([other.english, "did not", verb.do, "anyone", ending]))

    def _never(self) -> Pair:
        subject = self._grammar.noun()
        other = self._grammar.noun(subject)
        verb, (tail, ending) = self._grammar.verb("participle", "done", "do")
        never, told = self._rng.choice((("nigdy nie", "never"), ("jeszcze nie", "yet"), ("wcale nie", "at all")))
        polish = [subject.cases[0], never, past(verb.past, subject.gender), other.cases[GENITIVE], tail]
        if told == "never":
            english = [subject.english, "never", verb.did, other.english, ending]
        elif told == "yet":
            has = "have" if subject.plural else "has"
            english = [subject.english, has, "not yet", verb.done, other.english, ending]
        else:
            english = [subject.english, "did not", verb.do, other.english, ending, "at all"]
        return sentence(joined(polish), joined(english))

    def _rather(self) -> Pair:
        """Not one but another did it."""
        one = self._grammar.noun()
        two = self._grammar.noun(one)
        thing = self._grammar.noun(one, two)
        verb, (tail, ending) = self._grammar.verb("participle")
        does = past(verb.past, two.gender)
        polish = [f"nie {one.cases[0]},", "lecz", two.cases[0], does, thing.cases[ACCUSATIVE], tail]
        return sentence(
            joined(polish), joined(["not", one.english, "but", two.english, verb.did, thing.english, ending])
        )

    def _found_guilty(self) -> Pair:
        suspect = self._grammar.noun()
        polish, english = self._rng.choice((("winny", "guilty"), ("niewinny", "not guilty")))
        forms = adjective(polish, polish[:-1] + "i", suspect.gender)
        guilty = f"za {forms[ACCUSATIVE] if suspect.gender != 'n' else forms[0]}"
        when = self._grammar.when()
        if self._grammar.chance(0.5):
            told = [when[1], suspect.english, suspect.was, "found", english]
            does = [suspect.cases[0], past("został", suspect.gender), participle("uznany", suspect.gender), guilty]
            return sentence(joined([when[0], *does]), joined(told))
        does = ["sąd", "uznał", suspect.cases[ACCUSATIVE], guilty]
        return sentence(joined([when[0], *does]), joined([when[1], "the court found", suspect.english, english]))

    def _long(self) -> Pair:
        """Two or three clauses."""
        makers = [self._clause if self._grammar.chance(0.35) else self._grammar.clause for _ in range(3)]
        parts = [make(timed=False) for make in makers]
        (polish, english), *others = parts[: 3 if self._grammar.chance(0.35) else 2]
        if self._grammar.chance(0.25):
            there, here = self._rng.choice(_FIRST)
            polish, english = f"{there} {polish}, {others[0][0]}", f"{here} {english}, {others[0][1]}"
            others = others[1:]
        for more, told in others:
            there, here = self._rng.choice(_BETWEEN)
            polish, english = f"{polish}{there} {more}", f"{english}{here} {told}"
        return sentence(polish, english)
