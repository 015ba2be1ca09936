/**
 * The program that holds packets back: user space's end of netfilter queues, in Python's standard library, because Node.js cannot open netlink sockets. One queue for
 * each sender. It takes lines of words: `set` and for each queue its number, delay and jitter (ms), chances of loss and of being overtaken, bytes a second (0: any), and the
 * port of probes, answered by `ready`; `stats`, answered by `stats` and for each queue its number, the packets held back, and those lost or overtaken on purpose. It ends with
 * its input; the rules bypass a queue without listener. (Debian's smallest Python has no JSON.)
 */
export const NFQUEUE_SOURCE = String.raw`
import heapq, os, random, select, socket, struct, sys, time

PACKET, VERDICT, CONFIG = 0x300, 0x301, 0x302
DROP, ACCEPT = 0, 1
# A narrow link has a queue of so many seconds; what comes on top is lost.
LONGEST_QUEUE = 1.0

sock = socket.socket(16, socket.SOCK_RAW, 12)
sock.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)
# Not to be told that the kernel's buffer overflowed: lost packets are lost.
sock.setsockopt(270, 5, 1)
sock.bind((0, 0))
sock.setblocking(False)

def attribute(kind, payload):
    size = 4 + len(payload)
    return struct.pack("=HH", size, kind) + payload + b"\0" * (-size % 4)

def message(kind, queue, payload):
    body = struct.pack("!BBH", 0, 0, queue) + payload
    return struct.pack("=IHHII", 16 + len(body), kind, 1, 0, 0) + body

def bind(queue):
    for payload in (
        attribute(1, struct.pack("!BBH", 1, 0, 0)),
        attribute(2, struct.pack("!IB", 64, 2)),
        attribute(3, struct.pack("!I", 65536)),
        # Big segments come as they are (GSO); what does not fit into the queue passes (fail open).
        attribute(4, struct.pack("!I", 5)) + attribute(5, struct.pack("!I", 5)),
    ):
        sock.send(message(CONFIG, queue, payload))

def verdict(queue, packet, what):
    try:
        sock.send(message(VERDICT, queue, attribute(2, struct.pack("!II", what, packet))))
    except BlockingIOError:
        select.select([], [sock], [], 1)
        sock.send(message(VERDICT, queue, attribute(2, struct.pack("!II", what, packet))))

class Queue:
    def __init__(self):
        self.config, self.last, self.free, self.delayed, self.disturbed = {}, 0.0, 0.0, 0, 0

queues, heap, order = {}, [], 0

def length(ip):
    if len(ip) >= 4 and ip[0] >> 4 == 4:
        return struct.unpack_from("!H", ip, 2)[0]
    return 40 + struct.unpack_from("!H", ip, 4)[0] if len(ip) >= 6 else 64

def is_probe(ip, port):
    if len(ip) < 28 or ip[0] >> 4 != 4 or ip[9] != 17:
        return False
    return struct.unpack_from("!H", ip, (ip[0] & 15) * 4 + 2)[0] == port

def arrived(number, packet, ip):
    global order
    queue = queues.get(number)
    if queue is None:
        return verdict(number, packet, ACCEPT)
    config, now = queue.config, time.monotonic()
    counts = 0 if is_probe(ip, config.get("probePort", 0)) else 1
    if random.random() < config.get("lossRate", 0):
        queue.disturbed += counts
        return verdict(number, packet, DROP)
    due = now + (config.get("delayMs", 0) + random.random() * config.get("jitterMs", 0)) / 1000
    rate = config.get("bytesPerSecond")
    if rate:
        begin = max(due, queue.free)
        if begin - due > LONGEST_QUEUE:
            queue.delayed += counts
            return verdict(number, packet, DROP)
        queue.free = begin + length(ip) / rate
        due = queue.free
    if random.random() < config.get("reorderRate", 0):
        queue.disturbed += counts
        due += 0.015 + random.random() * 0.03
    else:
        # Nothing overtakes unless that was asked for.
        due = queue.last = max(due, queue.last)
    if due - now < 0.0002:
        return verdict(number, packet, ACCEPT)
    queue.delayed += counts
    order += 1
    heapq.heappush(heap, (due, order, number, packet))

def received(data):
    at = 0
    while at + 20 <= len(data):
        size, kind = struct.unpack_from("=IH", data, at)
        if size < 20:
            return
        if kind == PACKET:
            number = struct.unpack_from("!H", data, at + 18)[0]
            packet, ip, field = None, b"", at + 20
            while field + 4 <= at + size:
                length_, what = struct.unpack_from("=HH", data, field)
                if length_ < 4:
                    break
                if what & 0x7FFF == 1:
                    packet = struct.unpack_from("!I", data, field + 4)[0]
                elif what & 0x7FFF == 10:
                    ip = data[field + 4:field + length_]
                field += (length_ + 3) & ~3
            if packet is not None:
                arrived(number, packet, ip)
        at += (size + 3) & ~3

NAMES = ("delayMs", "jitterMs", "lossRate", "reorderRate", "bytesPerSecond", "probePort")

def told(line):
    what, *words = line.split()
    if what == b"set":
        for at in range(0, len(words), 7):
            number = int(words[at])
            if number not in queues:
                queues[number] = Queue()
                bind(number)
            queue = queues[number]
            queue.config = dict(zip(NAMES, map(float, words[at + 1:at + 7])))
            # What is held stays in front of what comes later.
            queue.free = 0.0
        os.write(1, b"ready\n")
    if what == b"stats":
        counts = " ".join("%d %d %d" % (number, queue.delayed, queue.disturbed) for number, queue in queues.items())
        os.write(1, ("stats " + counts + "\n").encode())

text = b""
while True:
    wait = None if not heap else max(0.0, heap[0][0] - time.monotonic())
    ready, _, _ = select.select([sock, 0], [], [], wait)
    if sock in ready:
        for _ in range(256):
            try:
                received(sock.recv(65536))
            except BlockingIOError:
                break
            except OSError:
                break
    if 0 in ready:
        chunk = os.read(0, 65536)
        if not chunk:
            # What is held would be lost with the queues.
            for _, _, number, packet in sorted(heap):
                verdict(number, packet, ACCEPT)
            break
        *lines, text = (text + chunk).split(b"\n")
        for line in lines:
            told(line)
    now = time.monotonic()
    while heap and heap[0][0] <= now:
        _, _, number, packet = heapq.heappop(heap)
        verdict(number, packet, ACCEPT)
`;
