"""halint: reads the configuration of a load balancer cluster and says whether it will fail over."""

__version__ = "0.1.0"
