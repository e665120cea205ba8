/**
 * What runs in the browser. It makes a request of the form, sends it to every cell of the function, by way of the door
 * that the page came from, and shows the replies side by side.
 */
export const SCRIPT = String.raw`
"use strict";
const functions = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
let chosen = { of: functions[0], model: functions[0].models[0] };
let picture = "";

const field = (name, label, element) => make("label", { className: "field" }, label, Object.assign(element, { id: name }));
const area = (rows, value) => make("textarea", { rows, value });
const first = (inputs) => (Array.isArray(inputs) ? inputs[0] : inputs);

/** By what a task reads: the fields for it, and the inputs that they give. */
const FORMS = {
  texts: {
    fields: ({ inputs }) => [field("text", "Text", area(3, first(inputs) ?? ""))],
    inputs: () => byId("text").value,
  },
  questions: {
    fields: ({ inputs }) => [
      field("question", "Question", make("input", { value: first(inputs).question })),
      field("context", "Context", area(4, first(inputs).context)),
    ],
    inputs: () => ({ question: byId("question").value, context: byId("context").value }),
  },
  sentences: {
    fields: ({ inputs }) => [
      field("source", "Sentence", make("input", { value: first(inputs).source_sentence })),
      field("sentences", "Sentences to compare it with, one a line", area(4, first(inputs).sentences.join("\n"))),
    ],
    inputs: () => ({
      source_sentence: byId("source").value,
      sentences: byId("sentences").value.split("\n").filter(Boolean),
    }),
  },
  images: {
    fields: ({ inputs }) => {
      picture = first(inputs) ?? "";
      const input = make("input", { type: "file", accept: "image/*" });
      input.addEventListener("change", async () => {
        const bytes = new Uint8Array(await input.files[0].arrayBuffer());
        let binary = "";
        for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
        picture = btoa(binary);
        showPicture();
      });
      return [field("picture", "Picture", input), make("img", { id: "preview", alt: "" })];
    },
    inputs: () => picture,
  },
  event: {
    fields: (request) => [field("event", "Request (JSON)", area(8, JSON.stringify(request, null, 2)))],
  },
};
const formOf = ({ reads }) => FORMS[reads] ?? FORMS.texts;

function showPicture() {
  const type = picture.startsWith("/9j/") ? "jpeg" : picture.startsWith("iVBOR") ? "png" : picture.startsWith("R0lG") ? "gif" : "webp";
  byId("preview").src = picture ? "data:image/" + type + ";base64," + picture : "";
}

function requestOf() {
  const { model } = chosen;
  if (model.reads === "event") return JSON.parse(byId("event").value);
  const parameters = JSON.parse(byId("parameters").value || "{}");
  return {
    ...(model.request.model && { model: model.request.model }),
    inputs: formOf(model).inputs(),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
}

function showForm() {
  const { model } = chosen;
  const fields = formOf(model).fields(model.request);
  if (model.reads !== "event") {
    const { parameters } = model.request;
    fields.push(field("parameters", "Parameters (JSON, optional)", area(2, parameters ? JSON.stringify(parameters) : "")));
  }
  byId("fields").replaceChildren(...fields);
  byId("task").textContent = model.task;
  if (model.reads === "images") showPicture();
}

function showCells() {
  const cards = chosen.of.cells.map(({ name, emulated }) => {
    const card = make("article", {});
    card.dataset.cell = name;
    card.append(
      make("h2", { textContent: name + (emulated ? " (emulated)" : "") }),
      make("p", { className: "facts", textContent: "not asked yet" }),
      make("pre", { className: "reply" }),
      make("pre", { className: "curl" }),
    );
    return card;
  });
  byId("cells").replaceChildren(...cards);
}

const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
const size = (bytes) => (bytes < 1000 ? bytes + " B" : (bytes / 1000).toFixed(1) + " kB");
const shown = (text, most) => (text.length > most ? text.slice(0, most) + " …" : text);
const inLines = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 1).replace(/\n\s*(?=-?\d)/g, " ");
  } catch {
    return text;
  }
};

async function ask({ name, url }, body) {
  const card = document.querySelector('[data-cell="' + name + '"]');
  const facts = card.querySelector(".facts");
  const line = "curl " + url + " -H 'content-type: application/json' -d " + quoted(body);
  card.querySelector(".curl").textContent = shown(line, 2000);
  card.querySelector(".reply").textContent = "";
  card.className = "asking";
  facts.textContent = "…";
  try {
    const response = await fetch("/@mkimage/cells/" + encodeURIComponent(name) + "/", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const text = await response.text();
    const time = response.headers.get("x-mkimage-milliseconds");
    const bytes = new TextEncoder().encode(text).length;
    facts.textContent = [response.status, time && time + " ms", size(bytes)].filter(Boolean).join(" · ");
    card.querySelector(".reply").textContent = shown(inLines(text), 20000);
    card.className = response.ok ? "good" : "bad";
  } catch (error) {
    facts.textContent = String(error);
    card.className = "bad";
  }
}

function choose(of, model) {
  chosen = { of, model };
  showForm();
  showCells();
}

const models = functions.flatMap((of) => of.models.map((model) => ({ of, model })));
byId("model").append(...models.map(({ of, model }) => make("option", { textContent: (functions.length > 1 ? of.name + ": " : "") + model.name })));
byId("model").addEventListener("change", (event) => choose(models[event.target.selectedIndex].of, models[event.target.selectedIndex].model));
byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = byId("problem");
  problem.textContent = "";
  let body;
  try {
    body = JSON.stringify(requestOf());
  } catch (error) {
    problem.textContent = error.message;
    return;
  }
  await Promise.all(chosen.of.cells.map((cell) => ask(cell, body)));
});
choose(functions[0], functions[0].models[0]);
`;
