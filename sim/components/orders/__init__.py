"""Order-driven production: an order desk with its customers, jobs, calls from control to modules, the stock's book."""
