"""Devices, their free memory, and the number of SNPs in a block that fits."""

from __future__ import annotations

import os
from collections.abc import Iterator

import jax

ROW_PAD = 64
"""Rotated columns are padded with zeros to a multiple of this, so that studies of similar size share a compilation."""

COLUMNS_IN_FLIGHT = 32
"""Maximum number of float64 columns of n numbers in memory per SNP while its likelihood is evaluated."""
_HOST_BLOCK_BYTES = 4 << 20
"""Bytes of one column for each SNP of a block on the host: the size of its caches."""
_DEVICE_BLOCK_BYTES = 128 << 20
"""The same on a GPU: enough to use all of it."""
_HOST_SNPS = (128, 512)
_DEVICE_SNPS = (64, 8192)
_USABLE = 0.8
"""Fraction of the free memory that is used in plans, because allocations are rounded up and leave gaps."""


def find_device(name: str | None) -> jax.Device:
    """The JAX device `name`: a platform such as "cpu", "gpu" or "cuda", optionally with a number, as in "gpu:1".

    None is JAX's first device.

    Raises
    ------
    RuntimeError
        If JAX has no such device.
    """
    if name is None:
        return jax.devices()[0]
    platform, _, number = name.partition(":")
    try:
        return jax.devices(platform)[int(number or 0)]
    except (RuntimeError, IndexError, ValueError) as error:
        present = ", ".join(str(device) for device in jax.devices())
        raise RuntimeError(
            f"JAX has no device {name!r}, only {present}; install JAX for this accelerator (pip install 'jax[cuda12]' "
            "for NVIDIA) or name another device"
        ) from error


def is_gpu(device: jax.Device) -> bool:
    """Whether `device` is an accelerator, which does the dense algebra instead of LAPACK on the host."""
    return bool(device.platform != "cpu")


def free_bytes(device: jax.Device, limit: int | None) -> int:
    """Free memory of `device` in bytes, at most `limit`."""
    stats = device.memory_stats() if is_gpu(device) else None
    if stats and "bytes_limit" in stats:
        free = int(stats["bytes_limit"]) - int(stats.get("bytes_in_use", 0))
    else:
        free = _free_host_bytes()
    return free if limit is None else min(free, limit)


def _free_host_bytes() -> int:
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        # Without /proc and sysconf (Windows): an amount that every current machine has.
        return 4 << 30


def gibibytes(size: float) -> str:
    """A number of bytes as text in GiB."""
    return f"{size / 2**30:.1f} GiB"


def require(what: str, size: int, free: int, device: jax.Device) -> None:
    """Raise MemoryError if `size` bytes for `what` do not fit into the usable fraction of `free`."""
    if size > _USABLE * free:
        raise MemoryError(
            f"{what} need {gibibytes(size)} on {device}, but {gibibytes(free)} are free; "
            "analyse fewer individuals, or use the backend rust"
        )


def usual_snps(n: int, device: jax.Device) -> int:
    """Number of SNPs of `n` individuals in a block that uses all of the device, a multiple of 64."""
    wanted, (least, most) = (_DEVICE_BLOCK_BYTES, _DEVICE_SNPS) if is_gpu(device) else (_HOST_BLOCK_BYTES, _HOST_SNPS)
    return max(min(wanted // (8 * n), most), least) // 64 * 64


def block_snps(n: int, columns: int, free: int, device: jax.Device) -> int:
    """Number of SNPs in a block: enough to use all of the device, if they fit; a multiple of 64.

    Parameters
    ----------
    n : int
        Number of individuals.
    columns : int
        Further numbers per SNP, in addition to the columns of n: sums on the grid.
    free : int
        Bytes that the block may use.
    device : jax.Device
        The device.

    Raises
    ------
    MemoryError
        If the smallest block does not fit.
    """
    least, _ = _DEVICE_SNPS if is_gpu(device) else _HOST_SNPS
    per_snp = 8 * (COLUMNS_IN_FLIGHT * n + columns)
    require(f"blocks of {least} SNPs of {n} individuals", least * per_snp, free, device)
    fits = int(_USABLE * free) // per_snp
    return max(min(usual_snps(n, device), fits // 64 * 64), least)


def parts(length: int, block: int) -> Iterator[slice]:
    """Slices of at most `block` that cover a range of `length`, in order."""
    return (slice(first, min(first + block, length)) for first in range(0, length, block))
