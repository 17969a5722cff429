# The end of a program, in the middle of it.
import sys


def main():
    print("start")
    if len("x") == 1:
        sys.exit(0)
    print("never")


if __name__ == "__main__":
    main()
