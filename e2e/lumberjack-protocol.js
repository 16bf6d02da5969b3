// Sends numbered events with the npm package lumberjack-protocol, version 1 of the protocol, and ends when all are acknowledged.
// The package speaks TLS alone, so this ends the TLS in front of the service. Arguments: the folder of its node_modules, how
// many, the text, in which {} is the number, the port, and the files of a key and its certificate.
const fs = require("fs");
const net = require("net");
const path = require("path");
const tls = require("tls");
const [modules, events, text, port, key, certificate] = process.argv.slice(2);
const lumberjack = require(path.join(modules, "lumberjack-protocol"));

const WINDOW = 100;
const cert = fs.readFileSync(certificate);

const proxy = tls.createServer({ key: fs.readFileSync(key), cert }, (shipper) => {
  const service = net.connect(Number(port), "127.0.0.1");
  shipper.pipe(service).pipe(shipper);
});

proxy.listen(0, "127.0.0.1", () => {
  const address = { host: "127.0.0.1", port: proxy.address().port, ca: [cert], servername: "localhost" };
  const client = lumberjack.client(address, { windowSize: WINDOW, allowDrop: () => false });
  client.on("disconnect", (error) => {
    console.error("disconnected", error);
    process.exit(1);
  });
  client.on("connect", () => {
    client._socket.on("ack", (sequence) => {
      if (sequence === Number(events)) {
        process.exit(0);
      }
    });
    for (let number = 0; number < Number(events); number++) {
      client.writeDataFrame({ message: text.replace("{}", number), level: "warn", host: "host1", order: "o-7" });
    }
  });
});
