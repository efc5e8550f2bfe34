//! The numbers of the last reading, a row for each layer.

use super::escape;
use super::view::{View, evenly};
use crate::format::{digits, percent};
use core::fmt::Write;

/// Rows that are shown.
const ROWS: usize = 250;

pub(super) fn section(html: &mut String, view: &View<'_>) {
    let Some(column) = view.columns.last() else {
        return;
    };
    let layers = &view.flow.layers;
    if layers.is_empty() {
        return;
    }
    html.push_str(
        "<details class=\"card layers\"><summary>Layers at the last reading</summary>\
         <div class=scroll><table><thead><tr><th>#<th>layer<th><th>RMS out<th>RMS delta\
         <th>|weights|<th>|gradient|<th>update<th>dead<th>saturated<th>cosine</tr></thead><tbody>",
    );
    for index in evenly(layers.len(), ROWS) {
        let (layer, Some(flow)) = (&layers[index], view.layer(*column, index)) else {
            continue;
        };
        let number =
            |number: Option<f32>| number.map_or_else(|| "–".to_owned(), |n| digits(n.into()));
        let share =
            |share: Option<f32>| share.map_or_else(|| "–".to_owned(), |s| percent(s.into()));
        let cells = [
            number(Some(flow.activation.rms)),
            number(Some(flow.delta_rms)),
            number(flow.gradient.map(|g| g.weight_norm)),
            number(flow.gradient.map(|g| g.gradient_norm)),
            number(flow.gradient.and_then(|g| g.update_ratio())),
            share(flow.activation.dead),
            share(flow.activation.saturated),
            number(Some(flow.activation.cosine)),
        ];
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td><code>{}</code>",
            index + 1,
            escape(&layer.name),
            escape(layer.layer)
        );
        for cell in cells {
            let _ = write!(html, "<td>{}", escape(&cell));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div></details>");
}
