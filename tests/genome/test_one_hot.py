import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.one_hot import one_hot


def test_columns_are_a_c_g_t() -> None:
    np.testing.assert_array_equal(one_hot("ACGT"), np.eye(4, dtype=np.float32))


def test_soft_masked_bases_are_bases() -> None:
    np.testing.assert_array_equal(one_hot("acgt"), one_hot("ACGT"))


def test_unknown_letters_are_zero() -> None:
    np.testing.assert_array_equal(one_hot("NnRY-.*U\u00e9\udce9"), np.zeros((10, 4), np.float32))


def test_no_bases_give_no_rows() -> None:
    assert one_hot("").shape == (0, 4)


@given(bases=st.text("ACGTN"))
def test_reads_back_as_it_was(bases: str) -> None:
    rows = one_hot(bases)
    assert rows.dtype == np.float32
    letters = ["ACGT"[row.argmax()] if row.any() else "N" for row in rows]
    assert "".join(letters) == bases
    assert set(rows.sum(axis=1).tolist()) <= {0.0, 1.0}


def test_answers_do_not_share_memory() -> None:
    first = one_hot("AAAA")
    first[:] = 7
    np.testing.assert_array_equal(one_hot("A"), [[1, 0, 0, 0]])
