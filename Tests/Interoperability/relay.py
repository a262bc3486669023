"""What stands between Hookline and AWS in a company's network, for tests of how it is spoken to:

    relay.py tls CERTIFICATE KEY PORT   a TLS server that relays to PORT of this machine
    relay.py proxy                      an HTTP proxy: CONNECT, and requests in absolute form
    relay.py deny                       a proxy that lets nothing through

Prints its own port, and then a line for what each connection asks for. Only speaks to 127.0.0.1,
whatever host is asked for, so that names of AWS lead to a test's own servers."""

import socket
import ssl
import sys
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end, how in [(source, socket.SHUT_RD), (target, socket.SHUT_WR)]:
        try:
            end.shutdown(how)
        except OSError:
            pass


def join(one, other):
    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join()
    one.close()
    other.close()


def head_of(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            return None
        head += data
    return head


def tls(connection, context, port):
    try:
        secure = context.wrap_socket(connection, server_side=True)
    except (ssl.SSLError, OSError) as error:
        print("refused by the client", type(error).__name__, flush=True)
        return
    print("tls", flush=True)
    join(secure, socket.create_connection(("127.0.0.1", port)))


def proxy(connection):
    head = head_of(connection)
    if head is None:
        return
    method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
    print(method, target, flush=True)
    if sys.argv[1] == "deny":
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.close()
        return
    if method == "CONNECT":
        port = int(target.rsplit(":", 1)[1])
        onward = socket.create_connection(("127.0.0.1", port))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        authority = target.split("/")[2]
        onward = socket.create_connection(("127.0.0.1", int(authority.rsplit(":", 1)[1])))
        onward.sendall(head)
    join(connection, onward)


def main():
    if sys.argv[1] == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        handle = lambda connection: tls(connection, context, int(sys.argv[4]))
    else:
        handle = proxy
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=handle, args=(connection,), daemon=True).start()


main()
