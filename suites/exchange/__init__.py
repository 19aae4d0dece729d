"""What passes between the two libraries, and what stays behind: parameters, buffers, pruned weights, memory."""
