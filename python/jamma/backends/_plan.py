"""How much is on the device at once: devices, their free memory, and blocks of SNPs that fit."""

from __future__ import annotations

import os

import jax

ROW_PAD = 64
"""Rotated columns are padded with zeros to a multiple of this, so that studies of similar size share a compilation."""

COLUMNS_IN_FLIGHT = 32
"""Float64 columns of n numbers that one SNP takes at most while its likelihood is evaluated."""
_HOST_BLOCK_BYTES = 4 << 20
"""One column for each SNP of a block on the host: what its caches hold."""
_DEVICE_BLOCK_BYTES = 128 << 20
"""The same on a GPU: enough to keep it busy."""
_HOST_SNPS = (128, 512)
_DEVICE_SNPS = (64, 8192)
_SHARE = 0.8
"""Share of the free memory that is planned with: allocations are rounded up and leave gaps."""


def find_device(name: str | None) -> jax.Device:
    """The device called `name`: a platform such as "cpu", "gpu" or "cuda", with a number as in "gpu:1" where wanted.

    Raises
    ------
    RuntimeError
        Where JAX has no such device.
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
    """Whether dense algebra belongs on `device` rather than in LAPACK on the host."""
    return bool(device.platform != "cpu")


def free_bytes(device: jax.Device, limit: int | None) -> int:
    """Memory of `device` that is still free, in bytes, at most `limit`."""
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
        # Neither /proc nor sysconf (Windows): as much as any machine of today has.
        return 4 << 30


def gibibytes(size: float) -> str:
    """A size in words."""
    return f"{size / 2**30:.1f} GiB"


def require(what: str, size: int, free: int, device: jax.Device) -> None:
    """MemoryError where `size` bytes for `what` do not fit into `free`."""
    if size > _SHARE * free:
        raise MemoryError(
            f"{what} need {gibibytes(size)} on {device}, but {gibibytes(free)} are free; "
            "analyse fewer individuals, or use the Rust backend"
        )


def usual_snps(n: int, device: jax.Device) -> int:
    """SNPs of a block of `n` individuals that keep the device busy, a multiple of 64."""
    wanted, (least, most) = (_DEVICE_BLOCK_BYTES, _DEVICE_SNPS) if is_gpu(device) else (_HOST_BLOCK_BYTES, _HOST_SNPS)
    return max(min(wanted // (8 * n), most), least) // 64 * 64


def block_snps(n: int, columns: int, free: int, device: jax.Device) -> int:
    """SNPs of a block: as many as keep the device busy and fit, a multiple of 64.

    Parameters
    ----------
    n : int
        Individuals.
    columns : int
        Columns of numbers of each SNP beside those of n: sums on the grid.
    free : int
        Bytes that the block may take.

    Raises
    ------
    MemoryError
        Where the smallest block does not fit.
    """
    least, _ = _DEVICE_SNPS if is_gpu(device) else _HOST_SNPS
    per_snp = 8 * (COLUMNS_IN_FLIGHT * n + columns)
    require(f"blocks of {least} SNPs of {n} individuals", least * per_snp, free, device)
    fits = int(_SHARE * free) // per_snp
    return max(min(usual_snps(n, device), fits // 64 * 64), least)
