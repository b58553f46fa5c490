"""What policies cost one change: 20 of them with 20 rules each, all about its requester. `python -m bench.ruling`.

Goal: under 1 ms.
"""

from bench.ruling.measuring import measured


def main() -> None:
    """Measure and print."""
    found = measured()
    print(
        f"{found.policies} policies of {found.rules} rules, one change: p50 {found.p50:.2f} ms, p99 {found.p99:.2f} ms"
    )


if __name__ == "__main__":
    main()
