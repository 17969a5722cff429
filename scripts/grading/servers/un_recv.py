"""Malo: un solo recv por mensaje."""
import json
import socket
import sys
import threading


def recibir(cliente, n):
    datos = cliente.recv(n)
    if not datos:
        raise ConnectionError("el cliente se fue")
    return datos


def responder(texto):
    try:
        pedido = json.loads(texto)
        if pedido["accion"] == "eco":
            return {"estado": "ok", "resultado": pedido["texto"]}
        if pedido["accion"] == "suma":
            return {"estado": "ok", "resultado": sum(pedido["numeros"])}
        return {"estado": "error", "detalle": "no se entiende: " + pedido["accion"]}
    except (ValueError, KeyError, TypeError) as error:
        return {"estado": "error", "detalle": repr(error)}


def atender(cliente):
    try:
        while True:
            largo = int.from_bytes(recibir(cliente, 4), "big")
            texto = recibir(cliente, largo).decode("utf-8")
            datos = json.dumps(responder(texto), ensure_ascii=False).encode("utf-8")
            cliente.sendall(len(datos).to_bytes(4, "big") + datos)
    except ConnectionError:
        pass
    finally:
        cliente.close()


servidor = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
servidor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
servidor.bind((sys.argv[1], int(sys.argv[2])))
servidor.listen()
while True:
    cliente, _ = servidor.accept()
    threading.Thread(target=atender, args=(cliente,), daemon=True).start()
