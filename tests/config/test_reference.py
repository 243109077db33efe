"""docs/configuration.md equals the text generated from the classes."""

from pathlib import Path

from gateway.config.model import Settings, StrategyConfig
from gateway.config.reference import render_reference

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_committed_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == render_reference(), "run: python -m gateway.config.reference > docs/configuration.md"


def test_every_key_has_a_row_with_a_description() -> None:
    lines = render_reference().splitlines()
    for name, field in Settings.model_fields.items():
        model = StrategyConfig if name == "strategy" else field.annotation
        for key, key_field in model.model_fields.items():  # type: ignore[union-attr]
            assert key_field.description, f"[{name}] {key} has no description"
            assert any(line.startswith(f"| `{key}` |") and key_field.description in line for line in lines)


def test_every_key_with_a_unit_in_its_name_has_it_in_its_description() -> None:
    for name, field in Settings.model_fields.items():
        model = StrategyConfig if name == "strategy" else field.annotation
        for key, key_field in model.model_fields.items():  # type: ignore[union-attr]
            if key.endswith("_ms"):
                assert "; ms" in str(key_field.description), f"[{name}] {key}"
