"""What a user has to know and accept before the official weights are imported."""

TERMS_ADDRESS = "https://deepmind.google.com/science/alphagenome/model-terms"
"""The terms of the official weights; accepting other terms later needs another address here."""

LICENCE = f"AlphaGenome model terms, non-commercial: {TERMS_ADDRESS}"
"""The licence that an imported folder's manifest names."""

FOLDS = ("all_folds", "fold_0", "fold_1", "fold_2", "fold_3")
"""The official checkpoints: one trained on all data, one for each quarter of the genome held out."""

HOW_TO_OBTAIN = f"""\
The official AlphaGenome weights are Google DeepMind's. They do not come with vep-cli and are not
downloaded by it: you accept their terms and download them yourself.

Licence: non-commercial use only. The terms also cover what is computed with the weights. Read them:
  {TERMS_ADDRESS}

1. Accept the terms and download a checkpoint, about 1.8 GB, from one of
     https://www.kaggle.com/models/google/alphagenome
     https://huggingface.co/collections/google/alphagenome
   There are {", ".join(FOLDS)}; all_folds is the one to begin with.

2. Get the track metadata, which the checkpoint lacks: the two files
   OutputMetadataResponse_ORGANISM_*.textproto in src/alphagenome_research/model/metadata of
     https://github.com/google-deepmind/alphagenome_research
   Where the package alphagenome_research is installed, they are found without being named.

3. Import both into a weights folder:
     pip install 'vep-cli[official]'
     vep weights import CHECKPOINT -o alphagenome --metadata HUMAN --metadata MOUSE --accept-terms
   --accept-terms is needed once; vep-cli remembers it for you.

4. Use it:
     vep score input.vcf --weights alphagenome -o scored.vcf.gz

The safetensors file of the PyTorch port github.com/genomicsxai/alphagenome-pytorch can be imported in
place of the checkpoint; it is the same weights under the same terms.
"""
