//! Distinguished names: RFC 5280, section 4.1.2.4.

use crate::{
    InvalidCertificate,
    der::{Element, tag},
};

/// Visits every attribute of a name: the contents of its object identifier, and its value.
pub(crate) fn attributes<'d>(
    name: Element<'d>,
    mut visit: impl FnMut(&'d [u8], Element<'d>) -> Result<(), InvalidCertificate>,
) -> Result<(), InvalidCertificate> {
    let mut rdns = name.fields();
    while !rdns.is_empty() {
        let mut rdn = rdns.take(tag::SET)?.fields();
        loop {
            let mut attribute = rdn.sequence()?;
            let id = attribute.oid()?;
            let value = attribute.any()?;
            attribute.end()?;
            visit(id, value)?;
            if rdn.is_empty() {
                break;
            }
        }
    }
    Ok(())
}
