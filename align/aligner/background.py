"""Sentences about nothing in common, in plain English: what an encoder's vectors share whatever is said.

A story of a few sentences has no mean of its own to centre by; the mean of these stands in for it.
"""

from __future__ import annotations

from align.data import Encode, FloatArray

BACKGROUND = (
    "The council approved the budget for the new library on Monday.",
    "Heavy snow closed the mountain pass for most of the weekend.",
    "She scored twice in the second half and was named player of the match.",
    "Researchers found traces of water in rocks from the crater.",
    "The price of bread has doubled since last summer.",
    "Two men were arrested after a robbery at a jeweller's shop.",
    "The train was delayed for three hours because of a fallen tree.",
    "He wrote his first novel while working as a night porter.",
    "Doctors recommend drinking more water during the hot season.",
    "The company will close its factory and dismiss 400 workers.",
    "A rare bird has been seen on the island for the first time in a century.",
    "The court adjourned the hearing until the witness could be heard.",
    "Thousands of pilgrims arrived at the monastery for the feast.",
    "Her grandfather built the violin from the wood of an old barn.",
    "The election will be held in October, the commission announced.",
    "An earthquake of magnitude 5.8 shook the coast before dawn.",
    "The software update caused telephones to switch off by themselves.",
    "Fishermen say that the harbour has become too shallow for their boats.",
    "The museum has bought back a painting that was stolen in 1944.",
    "Children under six travel free of charge on the city's trams.",
    "The ambassador left the country without giving a reason.",
    "Scientists warn that the glacier is melting faster than expected.",
    "Our correspondent reports from the border.",
    "The band cancelled its tour after the singer lost her voice.",
)


def background_mean(encode: Encode) -> FloatArray:
    """The mean vector of `BACKGROUND`, shape (dimensions,)."""
    mean: FloatArray = encode(BACKGROUND).mean(axis=0)
    return mean
