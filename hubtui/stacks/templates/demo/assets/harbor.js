// Ask for the counts every two seconds; say so when they are old.
const state = document.getElementById("state");
const fine = state.textContent;
async function follow() {
  let old = "the web service does not answer: these numbers are old";
  try {
    const live = await (await fetch("/live")).json();
    for (const place of document.querySelectorAll("[data-count]")) {
      const value = live.counts[place.dataset.count];
      if (value !== undefined) place.textContent = value;
    }
    old = live.api === "ok" ? "" : "the api does not answer: these numbers are old";
  } catch { /* said below */ }
  state.textContent = old || fine;
  state.className = old ? "old" : "";
}
setInterval(follow, 2000);
