"""OmnyPods: stock, dispatch, custody, loss and return (CGV art. 7, 16, 17; POD-1 to POD-3)."""
