import { FROM_NEW, pages } from "./blocks";
import { runPages } from "./run-pages";

runPages(
  pages().filter((page) => FROM_NEW.includes(page)),
  { lab: "from-new", fromNew: true },
);
