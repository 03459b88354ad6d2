"""The memory of the machine."""

from pathlib import Path

_MACHINE = Path("/proc/meminfo")
_CONTAINER = Path("/sys/fs/cgroup")


def available_memory(machine: Path = _MACHINE, container: Path = _CONTAINER) -> int:
    """The bytes that are free on the machine, and in the container that this process is in; 0 if not known."""
    try:
        fields = dict(line.split(":", 1) for line in machine.read_text().splitlines())
        available = int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 0
    try:
        limit = int((container / "memory.max").read_text())
        used = int((container / "memory.current").read_text())
    # Without a limit the file is missing, or says `max`.
    except (OSError, ValueError):
        return available
    return max(0, min(available, limit - used))
