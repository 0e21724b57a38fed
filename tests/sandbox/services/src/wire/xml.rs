//! Writes XML element by element; closing tags follow from the opening ones.

/// An XML document under construction.
#[derive(Debug)]
pub(crate) struct Xml {
    out: String,
    open: Vec<String>,
}

impl Xml {
    /// Opens the root element.
    pub(crate) fn new(root: &str, xmlns: &str) -> Self {
        let mut xml = Self {
            out: String::new(),
            open: vec![root.to_owned()],
        };
        if xmlns.is_empty() {
            xml.out.push_str(&format!("<{root}>"));
        } else {
            xml.out.push_str(&format!("<{root} xmlns=\"{xmlns}\">"));
        }
        xml
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: &str) {
        self.out.push_str(&format!("<{name}>"));
        self.open.push(name.to_owned());
    }

    /// Closes the element opened last.
    pub(crate) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.out.push_str(&format!("</{name}>"));
        }
    }

    /// A whole element with text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.out
            .push_str(&format!("<{name}>{}</{name}>", escape(text)));
    }

    /// Closes what is open and returns the document.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A parser would turn a bare carriage return into a line feed.
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nests_and_escapes() {
        let mut xml = Xml::new("A", "urn:x");
        xml.open("B");
        xml.text("C", "<1 & \"2\"\r\n>");
        assert_eq!(
            xml.finish(),
            "<A xmlns=\"urn:x\"><B><C>&lt;1 &amp; &quot;2&quot;&#xD;\n&gt;</C></B></A>"
        );
    }
}
