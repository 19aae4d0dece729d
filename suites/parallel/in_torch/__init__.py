"""What each rank does in torch, under torchrun."""
