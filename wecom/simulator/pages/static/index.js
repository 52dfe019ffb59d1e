import { begin, h, t } from "/_assets/common.js";

begin(() => ({
  title: t("sim_title"),
  kind: "welcome",
  load: async () => ({}),
  draw: () => [
    h("p", {}, t("sim_why")),
    h("a", { href: "/phone" }, h("b", {}, t("phones")), h("span", {}, t("phone_why"))),
    h("a", { href: "/staff" }, h("b", {}, t("staff")), h("span", {}, t("staff_why"))),
  ],
}));
