// Sends numbered events with the npm package gelf-pro, over a connection each, some at a time.
// Arguments: the folder of its node_modules, how many, the text, in which {} is the number, and the port.
const path = require("path");
const [modules, events, text, port] = process.argv.slice(2);
const log = require(path.join(modules, "gelf-pro"));

const AT_A_TIME = 32;
log.setConfig({ adapterName: "tcp", adapterOptions: { host: "127.0.0.1", port: Number(port) } });

let next = 0;
function send() {
  if (next < Number(events)) {
    const fields = { host: "host1", order: { id: "o-7" }, full_message: "in full" };
    log.warn(text.replace("{}", next++), fields, (error) => {
      if (error) {
        console.error(error);
        process.exit(1);
      }
      send();
    });
  }
}

for (let i = 0; i < AT_A_TIME; i++) {
  send();
}
