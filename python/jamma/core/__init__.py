"""The choice of the backend: what is available, what is selected, and why."""

from .backend import BackendInfo, get_backend_info, get_compute_backend, is_rust_available

__all__ = ["BackendInfo", "get_backend_info", "get_compute_backend", "is_rust_available"]
