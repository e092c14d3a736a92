"""``python -m dev site|up|down|clean|demo``: the development instance from the command line."""

from __future__ import annotations

import shutil
import sys

from dev import paths
from dev.instance import Instance


def _site(instance: Instance) -> None:
    instance.db.start()
    instance.install_wordpress()
    instance.install_product()


def _up(instance: Instance) -> None:
    _site(instance)
    instance.start_web()
    if not instance.sidecar_running():
        instance.start_sidecar()
    print(f"Site:     {instance.url}/")
    print(f"Admin:    {instance.url}/wp-admin/  user admin, password {instance.password}")
    print(f"Logs:     {instance.logs}")
    print("Stop with `make down`.")


def main(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "up"
    instance = Instance(paths.instance_folder())
    if command == "site":
        _site(instance)
    elif command == "up":
        _up(instance)
    elif command == "down":
        instance.stop()
    elif command == "clean":
        instance.destroy()
        shutil.rmtree(paths.ROOT / "build", ignore_errors=True)
    elif command == "wp":
        result = instance.wp(*arguments[1:], check=False)
        sys.stdout.write(result.stdout)
        sys.stderr.write(result.stderr)
        return result.returncode
    elif command == "demo":
        from dev import demo

        return demo.run(instance)
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
