import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.model.one_hot import letters_of, one_hot


def rows_of(bases: str) -> np.ndarray:
    return np.asarray(one_hot(letters_of(bases)))


def test_columns_are_a_c_g_t() -> None:
    np.testing.assert_array_equal(rows_of("ACGT"), np.eye(4, dtype=np.float32))


def test_soft_masked_bases_are_bases() -> None:
    np.testing.assert_array_equal(rows_of("acgt"), rows_of("ACGT"))


def test_unknown_letters_are_zero() -> None:
    np.testing.assert_array_equal(rows_of("NnRY-.*U\u00e9\udce9"), np.zeros((10, 4), np.float32))


def test_no_bases_give_no_rows() -> None:
    assert rows_of("").shape == (0, 4)


def test_several_sequences_at_once() -> None:
    rows = one_hot(np.stack([letters_of("AC"), letters_of("GT"), letters_of("NA")]))
    np.testing.assert_array_equal(rows, [rows_of("AC"), rows_of("GT"), rows_of("NA")])


@settings(deadline=None, max_examples=30)
@given(bases=st.text("ACGTN"))
def test_reads_back_as_it_was(bases: str) -> None:
    rows = rows_of(bases)
    assert rows.dtype == np.float32
    letters = ["ACGT"[row.argmax()] if row.any() else "N" for row in rows]
    assert "".join(letters) == bases
    assert set(rows.sum(axis=1).tolist()) <= {0.0, 1.0}
