"""Tables of phenotypes and covariates as pandas writes them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from polars.testing import assert_frame_equal

import jamma

DEMO = Path(__file__).parent.parent / "reference/data/demo"


@pytest.fixture
def frame():
    fam = pd.read_csv(DEMO.with_suffix(".fam"), sep=r"\s+", header=None)
    frame = pd.DataFrame({"FID": fam[0].astype(str), "IID": fam[1].astype(str), "y": fam[5]})
    frame["site"] = pd.Categorical(np.resize(["Bonn", "Graz", "Bonn", "Bern"], len(frame)))
    frame["batch"] = np.resize(np.array([1, 2, 3], dtype=np.int8), len(frame))
    frame["age"] = np.resize(np.array([40, 51, 37, 29, 60], dtype=np.uint16), len(frame))
    return frame.sample(frac=1, random_state=1)


def test_narrow_integers_and_categories_of_parquet_give_the_result_of_text(frame, tmp_path):
    paths = [tmp_path / "t.csv", tmp_path / "t.parquet", tmp_path / "t.feather"]
    frame.to_csv(paths[0], index=False)
    frame.to_parquet(paths[1], index=False)
    frame.reset_index(drop=True).to_feather(paths[2])
    tables = [
        jamma.run_lmm(
            DEMO, pheno=path, pheno_name="y", covar=path, covar_name=["site", "batch", "age"], backend="rust"
        ).to_polars()
        for path in paths
    ]
    assert len(tables[0]) > 0
    for table in tables[1:]:
        assert_frame_equal(table, tables[0], check_exact=True)
