"""Which backend computes, and why."""

from .backend import BackendInfo, get_backend_info, get_compute_backend, is_rust_available

__all__ = ["BackendInfo", "get_backend_info", "get_compute_backend", "is_rust_available"]
