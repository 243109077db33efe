#!/usr/bin/env bash
# JeroMQ 0.6.0 has no unix sockets: an `ipc://` address becomes TCP on 127.0.0.1, at a port made from the path.
#
# Version   org.zeromq:jeromq 0.6.0 (Maven Central), Java 17, Linux.
# Input     a DEALER that connects to `ipc:///tmp/…/orders` and sends one message. No file of that name exists.
# Seen      `connect` and `send` return true. The socket dials 127.0.0.1, port 10000 + |hash of the path| % 55536, and
#           the process that listens there reads the ZMTP greeting (ff … 7f) and then the message. No file is made.
# Follows   A strategy in Java that uses JeroMQ never reaches a gateway's sockets, and nothing tells it. Use JZMQ, which
#           binds libzmq, or a bridge from TCP to the unix socket in the same process.
#
# Ends with 1 if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mvn -q -B dependency:copy -Dartifact=org.zeromq:jeromq:0.6.0 -DoutputDirectory="$work/lib" >mvn.log 2>&1 ||
  { cat mvn.log; echo "jeromq 0.6.0 could not be downloaded"; exit 1; }
mvn -q -B dependency:copy -Dartifact=eu.neilalexander:jnacl:1.0.0 -DoutputDirectory="$work/lib" >mvn.log 2>&1 || true
cat >Dial.java <<'JAVA'
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

public class Dial {
    public static void main(String[] args) throws Exception {
        String path = args[0];
        int port = 10000 + Math.abs(path.hashCode()) % 55536;
        try (ServerSocket listener = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
             ZContext context = new ZContext()) {
            listener.setSoTimeout(10000);
            ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
            dealer.setLinger(0);
            System.out.println("connect " + dealer.connect("ipc://" + path));
            System.out.println("send " + dealer.send("{}"));
            try (Socket peer = listener.accept()) {
                byte[] greeting = peer.getInputStream().readNBytes(10);
                System.out.printf("greeting %02x %02x%n", greeting[0] & 0xff, greeting[9] & 0xff);
            }
            System.out.println("file " + new java.io.File(path).exists());
        }
    }
}
JAVA
javac -cp "lib/*" Dial.java
java -cp "lib/*:." Dial "$work/orders" 2>err.log >out.log || { cat out.log err.log; exit 1; }
cat out.log
diff - out.log <<'SEEN'
connect true
send true
greeting ff 7f
file false
SEEN
echo "as described: JeroMQ 0.6.0 dials TCP for ipc://"
