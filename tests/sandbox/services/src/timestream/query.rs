use super::Timestream;
use crate::api_error::ApiError;
use serde_json::Value;
#[derive(serde::Deserialize)]
pub(super) struct Query {}
impl Timestream {
    pub(super) fn query(&self, _r: Query) -> Result<Value, ApiError> {
        Err(ApiError::unsupported("ValidationException", "queries"))
    }
}
