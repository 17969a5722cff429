#!/usr/bin/env python3
# Imports, annotations and docstrings leave comments behind.
"""A module that says hello."""
import socket
import socket as net
from socket import AF_INET, SOCK_STREAM
from time import sleep

greeting: str = "hola"
count: int


def show(text: str) -> None:
    """Show a text."""
    print(text)


if __name__ == "__main__":
    sock = net.socket(AF_INET, SOCK_STREAM)
    show(greeting)  # at the end of a line
    sleep(0)
    sock.close()
