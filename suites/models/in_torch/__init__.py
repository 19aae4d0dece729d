"""The models as torch.nn modules: a function of each model's name builds one from its options."""
