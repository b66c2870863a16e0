"""qtrace: SI traceability, uncertainty and honest certificates for quantum links."""

__version__ = "0.1.0"
