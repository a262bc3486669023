"""TLS clients for the tests, by Python's ssl module: one JSON object a line in, one a line out.

{"do": "open", "name", "port", "ca", "min", "max", "alpn", "certificate", "key", "resume"}
{"do": "request", "name", "text"}      sends the text and reads one response
{"do": "close", "name"}
{"do": "exchange", "port", "ca", "text", "finish"}   on a connection of its own: sends the text, with
    "finish" close_notify in the same segment, and reads to the end; "notified" says whether the server
    announced that
"""
import json
import re
import socket
import ssl
import sys
import warnings

warnings.simplefilter("ignore")  # of versions that nobody should use: they are what is tried
connections = {}


def make_context(words):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(words["ca"])
    # Without this OpenSSL itself refuses the old versions, and the server would not be tried.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = getattr(ssl.TLSVersion, words.get("min", "TLSv1_2"))
    context.maximum_version = getattr(ssl.TLSVersion, words.get("max", "TLSv1_3"))
    if "alpn" in words:
        context.set_alpn_protocols(words["alpn"].split(","))
    if "certificate" in words:
        context.load_cert_chain(words["certificate"], words["key"])
    return context


def open_connection(words):
    session = None
    if "resume" in words:
        earlier = connections[words["resume"]]
        context, session = earlier.context, earlier.session
    else:
        context = make_context(words)
    plain = socket.create_connection(("127.0.0.1", int(words["port"])), 20)
    connection = context.wrap_socket(plain, server_hostname="localhost", session=session)
    connections[words["name"]] = connection
    return {
        "version": connection.version(),
        "alpn": connection.selected_alpn_protocol(),
        "serial": connection.getpeercert()["serialNumber"],
        "reused": connection.session_reused,
    }


def request(words):
    connection = connections[words["name"]]
    connection.sendall(words["text"].encode())
    received = b""
    while True:
        head, end, content = received.partition(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)", head)
        if end and len(content) >= int(length.group(1) if length else 0):
            return {"response": received.decode()}
        more = connection.recv(65536)
        if not more:
            return {"error": "closed", "response": received.decode()}
        received += more


def close(words):
    connections.pop(words["name"]).close()
    return {}


def exchange(words):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = make_context(words).wrap_bio(incoming, outgoing, server_hostname="localhost")
    plain = socket.create_connection(("127.0.0.1", int(words["port"])), 20)

    def step(action):
        """Carries an action out, giving it what it waits for."""
        while True:
            try:
                return action()
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                more = plain.recv(65536)
                incoming.write(more) if more else incoming.write_eof()

    step(session.do_handshake)
    if words["text"]:
        session.write(words["text"].encode())
    if "finish" in words:
        try:
            session.unwrap()
        except ssl.SSLWantReadError:
            pass  # Said, and not answered yet.
    plain.sendall(outgoing.read())
    received = b""
    try:
        while more := step(lambda: session.read(65536)):
            received += more
        notified = True  # An empty read is close_notify.
    except ssl.SSLZeroReturnError:
        notified = True
    except (ssl.SSLError, OSError):
        notified = False
    return {"response": received.decode(), "notified": notified}


actions = {"exchange": exchange, "open": open_connection, "request": request, "close": close}
for line in sys.stdin:
    words = json.loads(line)
    try:
        reply = actions[words["do"]](words)
    except (OSError, ssl.SSLError) as error:
        reply = {"error": str(error) or type(error).__name__}
    print(json.dumps(reply), flush=True)
